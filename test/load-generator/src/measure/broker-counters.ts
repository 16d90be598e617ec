/** What a nats-server has passed on so far. */
export interface BrokerCounters {
  /** Messages that clients published. */
  readonly publishedCount: number;
  readonly publishedBytes: number;
  /** Messages that clients were sent. */
  readonly deliveredCount: number;
  readonly deliveredBytes: number;
}

/**
 * Reads a nats-server's own counters, at the address where it tells them. What services say unasked, such as heartbeats, is
 * counted too.
 * @throws {Error} when nobody answers there, or not with a server's counters.
 */
export async function readBrokerCounters(monitoringUrl: string): Promise<BrokerCounters> {
  const response = await fetch(new URL("varz", monitoringUrl));
  const counters: unknown = await response.json();
  return {
    publishedCount: counterIn(counters, "in_msgs"),
    publishedBytes: counterIn(counters, "in_bytes"),
    deliveredCount: counterIn(counters, "out_msgs"),
    deliveredBytes: counterIn(counters, "out_bytes"),
  };
}

function counterIn(counters: unknown, name: string): number {
  const value: unknown =
    typeof counters === "object" && counters !== null ? Reflect.get(counters, name) : undefined;
  if (typeof value !== "number") throw new Error(`a nats-server's counters have no ${name}`);
  return value;
}
