import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A server that says back what it is told, and the connections it has. */
interface EchoServer extends AsyncDisposable {
  readonly url: string;
  readonly connections: ReadonlySet<Socket>;
}

async function startEchoServer(): Promise<EchoServer> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => connections.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `nats://127.0.0.1:${port}`,
    connections,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

/** What a client hears, and how its connection ends. */
interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
  /** Sends `text` and resolves once as much was heard. */
  say(text: string): Promise<string>;
  /** Resolves with the code of the error that ended the connection, or "" where none did. */
  readonly ended: Promise<string>;
}

/** Resolves when a socket is closed, whatever ended it. */
function closed(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (socket === undefined || socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
}

function call(url: string): Caller {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  let code = "";
  socket.on("data", (bytes) => (heard += bytes.toString()));
  socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code ?? ""));
  const ended = closed(socket).then(() => code);
  return {
    socket,
    heard: () => heard,
    async say(text) {
      const wantedLength = heard.length + text.length;
      socket.write(text);
      while (heard.length < wantedLength) await once(socket, "data");
      return heard;
    },
    ended,
  };
}

/** What was on its way over this machine before has arrived when this resolves. */
async function roundTrip(server: EchoServer): Promise<void> {
  const caller = call(server.url);
  await caller.say("round trip");
  caller.socket.destroy();
  await caller.ended;
}

async function startPair(): Promise<{ server: EchoServer; proxy: TcpProxy } & AsyncDisposable> {
  const server = await startEchoServer();
  const proxy = await startTcpProxy(server.url);
  return {
    server,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("startTcpProxy()", () => {
  test("passes what either side says, more than fits a socket, and the end of a connection", async () => {
    await using pair = await startPair();
    const caller = call(pair.proxy.url);
    const text = "0123456789".repeat(1_000_000);

    expect((await caller.say(text)) === text).toBe(true);
    caller.socket.end();

    expect(await caller.ended).toBe("");
  });

  test("closes the connection of a client while the server does not listen", async () => {
    await using pair = await startPair();
    await pair.server[Symbol.asyncDispose]();

    expect(await call(pair.proxy.url).ended).toBe("");
  });

  test("cut() resets both sides, and lets through who connects again", async () => {
    await using pair = await startPair();
    const caller = call(pair.proxy.url);
    await caller.say("a");
    const [atServer] = pair.server.connections;
    const endedAtServer = closed(atServer);

    pair.proxy.cut();

    expect(await caller.ended).toBe("ECONNRESET");
    await endedAtServer;
    expect(pair.server.connections.size).toBe(0);
    expect(await call(pair.proxy.url).say("b")).toBe("b");
  });

  test("stall() holds back bytes both ways, and resume() passes them in their order", async () => {
    await using pair = await startPair();
    const caller = call(pair.proxy.url);
    await caller.say("a");
    const [atServer] = pair.server.connections;

    pair.proxy.stall();
    atServer?.write("b");
    caller.socket.write("c");
    await roundTrip(pair.server);
    expect(caller.heard()).toBe("a");
    pair.proxy.resume();

    while (caller.heard().length < 3) await once(caller.socket, "data");
    expect(caller.heard()).toBe("abc");
  });

  test("stall() lets nobody through who connects meanwhile, and tells no side that the other is gone", async () => {
    await using pair = await startPair();
    const gone = call(pair.proxy.url);
    await gone.say("a");
    const [atServer] = pair.server.connections;
    const endedAtServer = closed(atServer);

    pair.proxy.stall();
    const late = call(pair.proxy.url);
    late.socket.write("b");
    gone.socket.destroy();
    await gone.ended;
    await roundTrip(pair.server);
    expect(late.heard()).toBe("");
    expect(atServer?.destroyed).toBe(false);
    pair.proxy.resume();

    await endedAtServer;
    while (late.heard() === "") await once(late.socket, "data");
    expect(late.heard()).toBe("b");
  });

  test("forget() resets the client and leaves the server with its side open", async () => {
    await using pair = await startPair();
    const caller = call(pair.proxy.url);
    await caller.say("a");
    const [atServer] = pair.server.connections;

    pair.proxy.forget();

    expect(await caller.ended).toBe("ECONNRESET");
    atServer?.write("to nobody");
    await roundTrip(pair.server);
    expect(atServer?.destroyed).toBe(false);
    expect(await call(pair.proxy.url).say("b")).toBe("b");
  });

  test("ends every connection with its disposal, stalled and forgotten ones, too", async () => {
    await using pair = await startPair();
    const forgotten = call(pair.proxy.url);
    await forgotten.say("a");
    pair.proxy.forget();
    const stalled = call(pair.proxy.url);
    await stalled.say("b");
    pair.proxy.stall();
    const endsAtServer = [...pair.server.connections].map(closed);

    await pair.proxy[Symbol.asyncDispose]();

    await Promise.all([forgotten.ended, stalled.ended, ...endsAtServer]);
    expect(await call(pair.proxy.url).ended).toBe("ECONNREFUSED");
  });
});
