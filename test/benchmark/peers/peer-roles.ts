import type { BenchmarkClient } from "../measure/benchmark-client.ts";

/** Server processes of the peers; a process loads the libraries of its own arm only. */
export const peerServices: Readonly<Record<string, (server: string) => Promise<void>>> = {
  "bare-model-responder": async (server) =>
    (await import("./bare-model/responder.ts")).runBareModelResponder(server),
  "fastify-server": async (server) => (await import("./fastify/server.ts")).runFastifyServer(server),
  "jetstream-worker": async (server) => (await import("./jetstream/worker.ts")).runJetstreamWorker(server),
  "bullmq-worker": async (server) => (await import("./bullmq/worker.ts")).runBullmqWorker(server, 64),
  "bullmq-one-worker": async (server) => (await import("./bullmq/worker.ts")).runBullmqWorker(server, 1),
};

/** Clients of the peers, by the name of their arm. */
export const peerClients: Readonly<Record<string, (server: string) => Promise<BenchmarkClient>>> = {
  "bare-model": async (server) => (await import("../bare/client.ts")).connectBareClient(server),
  "in-process": async () => (await import("./in-process/client.ts")).connectInProcessClient(),
  fastify: async (server) => (await import("./fastify/client.ts")).connectFastifyClient(server),
  jetstream: async (server) => (await import("./jetstream/client.ts")).connectJetstreamClient(server),
  bullmq: async (server) => (await import("./bullmq/client.ts")).connectBullmqClient(server),
  "bullmq-one": async (server) => (await import("./bullmq/client.ts")).connectBullmqClient(server),
};
