import type { BenchmarkClient } from "../../measure/benchmark-client.ts";
import { openHttpSocket, type HttpSocket } from "./http-socket.ts";
import { inferPath, type InferBody } from "./route.ts";

/**
 * JSON over HTTP/1.1 with keep-alive: as many sockets as calls are open at once, one call on each at a time, as HTTP clients
 * do by default.
 */
export async function connectFastifyClient(server: string): Promise<BenchmarkClient> {
  const url = new URL(server);
  const idle: HttpSocket[] = [];

  /** One that is open: the server ends those that nobody used for a while. */
  const takeSocket = (): HttpSocket => {
    for (let socket = idle.pop(); socket !== undefined; socket = idle.pop()) {
      if (!socket.isClosed()) return socket;
    }
    return openHttpSocket(url);
  };

  return {
    async call(input) {
      const request: InferBody = { input: Array.from(input) };
      const socket = takeSocket();
      try {
        return Float32Array.from(
          readProbs(JSON.parse(await socket.post(inferPath, JSON.stringify(request)))),
        );
      } finally {
        if (!socket.isClosed()) idle.push(socket);
      }
    },
    async close() {
      for (const socket of idle) socket.close();
    },
  };
}

function readProbs(body: unknown): readonly number[] {
  if (typeof body === "object" && body !== null && "probs" in body && Array.isArray(body.probs)) {
    return body.probs;
  }
  throw new Error("the answer has no probs");
}
