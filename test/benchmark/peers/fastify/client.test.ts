import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { connectFastifyClient } from "./client.ts";
import { inferPath } from "./route.ts";

interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly connectionCount: () => number;
  /** Ends connections on which no call is open, as a server does after a while. */
  readonly endIdle: () => void;
}

async function startServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  const connections: Socket[] = [];
  server.on("connection", (connection) => connections.push(connection));
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    connectionCount: () => connections.length,
    endIdle: () => {
      for (const connection of connections) connection.end();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const input = Float32Array.of(0.5, -1);

describe("connectFastifyClient()", () => {
  test("posts the input as JSON and keeps the connection for the next call", async () => {
    const seen: unknown[] = [];
    await using server = await startServer((request, response) => {
      void request.toArray().then((chunks) => {
        seen.push([request.method, request.url, String(Buffer.concat(chunks))]);
        const body = '{"probs":[0.25,0.75]}';
        response.writeHead(200, { "content-length": body.length }).end(body);
      });
    });
    const client = await connectFastifyClient(server.url);
    expect(await client.call(input)).toEqual(Float32Array.of(0.25, 0.75));
    expect(await client.call(input)).toEqual(Float32Array.of(0.25, 0.75));
    const posted = ["POST", inferPath, '{"input":[0.5,-1]}'];
    expect(seen).toEqual([posted, posted]);
    expect(server.connectionCount()).toBe(1);
    await client.close();
  });

  test("opens a connection for each call that is open at the same time", async () => {
    const waiting: (() => void)[] = [];
    await using server = await startServer((request, response) => {
      waiting.push(() => response.writeHead(200, { "content-length": 12 }).end('{"probs":[]}'));
      if (waiting.length === 3) for (const answer of waiting) answer();
      request.resume();
    });
    const client = await connectFastifyClient(server.url);
    await Promise.all([client.call(input), client.call(input), client.call(input)]);
    expect(server.connectionCount()).toBe(3);
    await client.close();
  });

  test("waits for the rest of an answer that comes in parts", async () => {
    await using server = await startServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-length": 15 });
      response.write('{"probs":', () => response.end("[0.5]}"));
    });
    const client = await connectFastifyClient(server.url);
    expect(await client.call(input)).toEqual(Float32Array.of(0.5));
    await client.close();
  });

  test("rejects an answer that is not 200, and one without values", async () => {
    let status = 500;
    await using server = await startServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-length": 2 }).end("{}");
    });
    const client = await connectFastifyClient(server.url);
    await expect(client.call(input)).rejects.toThrow("answered 500");
    status = 200;
    await expect(client.call(input)).rejects.toThrow("no probs");
    await client.close();
  });

  test("opens another connection where the server has ended the idle one", async () => {
    const ended: Promise<unknown>[] = [];
    await using server = await startServer((request, response) => {
      request.resume();
      ended.push(once(request.socket, "close"));
      response.writeHead(200, { "content-length": 12 }).end('{"probs":[]}');
    });
    const client = await connectFastifyClient(server.url);
    await client.call(input);
    server.endIdle();
    await Promise.all(ended);
    expect(await client.call(input)).toHaveLength(0);
    expect(server.connectionCount()).toBe(2);
    await client.close();
  });

  test("rejects a call whose connection ends, and opens another for the next", async () => {
    let isFirst = true;
    await using server = await startServer((request, response) => {
      request.resume();
      if (isFirst) request.socket.destroy();
      else response.writeHead(200, { "content-length": 12 }).end('{"probs":[]}');
      isFirst = false;
    });
    const client = await connectFastifyClient(server.url);
    await expect(client.call(input)).rejects.toThrow(/closed|ECONNRESET/);
    expect(await client.call(input)).toHaveLength(0);
    expect(server.connectionCount()).toBe(2);
    await client.close();
  });
});
