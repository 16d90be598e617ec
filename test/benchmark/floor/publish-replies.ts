import type { NatsConnection } from "nats";
import { encodePack, type FloorRow } from "./pack.ts";

/** Publishes rows packed for each reply subject. */
export function publishReplies(connection: NatsConnection, rows: readonly FloorRow[]): void {
  const byReply = new Map<string, FloorRow[]>();
  for (const row of rows) {
    const own = byReply.get(row.reply);
    if (own === undefined) byReply.set(row.reply, [row]);
    else own.push(row);
  }
  for (const [reply, own] of byReply) connection.publish(reply, encodePack(own, 0));
}
