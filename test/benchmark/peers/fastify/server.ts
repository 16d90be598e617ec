import { fastify } from "fastify";
import { inferPath, type AnswerBody, type InferBody } from "./route.ts";
import { openProbeSession, probeAnswerLength, probeInputLength } from "../probe/probe-session.ts";

function numbers(name: string, length: number): object {
  const array = { type: "array", items: { type: "number" }, minItems: length, maxItems: length };
  return { type: "object", required: [name], properties: { [name]: array } };
}

/** Fastify with compiled schemas for both bodies and no log; runs each request when it arrives. */
export async function runFastifyServer(url: string): Promise<void> {
  const session = await openProbeSession();
  const server = fastify();
  server.post<{ Body: InferBody; Reply: AnswerBody }>(
    inferPath,
    {
      schema: {
        body: numbers("input", probeInputLength),
        response: { 200: numbers("probs", probeAnswerLength) },
      },
    },
    async ({ body }) => ({ probs: Array.from(await session.run(Float32Array.from(body.input))) }),
  );
  const { hostname, port } = new URL(url);
  await server.listen({ host: hostname, port: Number(port) });
}
