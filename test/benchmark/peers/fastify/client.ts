import { Pool } from "undici";
import type { BenchmarkClient } from "../../measure/benchmark-client.ts";
import { inferPath, type InferBody } from "./route.ts";

const headers = { "content-type": "application/json" };

/**
 * JSON over HTTP/1.1 with keep-alive: as many sockets as calls are open at once, one call on each at a time, as HTTP clients
 * do by default.
 */
export async function connectFastifyClient(url: string): Promise<BenchmarkClient> {
  const pool = new Pool(url);
  return {
    async call(input) {
      const request: InferBody = { input: Array.from(input) };
      const response = await pool.request({
        path: inferPath,
        method: "POST",
        headers,
        body: JSON.stringify(request),
      });
      if (response.statusCode !== 200) {
        await response.body.dump();
        throw new Error(`answered ${response.statusCode}`);
      }
      return Float32Array.from(readProbs(await response.body.json()));
    },
    close: () => pool.close(),
  };
}

function readProbs(body: unknown): readonly number[] {
  if (typeof body === "object" && body !== null && "probs" in body && Array.isArray(body.probs))
    return body.probs;
  throw new Error("the answer has no probs");
}
