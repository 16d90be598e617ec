import type { RedisOptions } from "bullmq";

/** How every process connects: commands of one tick share a write, and blocking ones are tried again for ever, as BullMQ asks for. */
export function toRedisOptions(url: string): RedisOptions {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null, enableAutoPipelining: true };
}
