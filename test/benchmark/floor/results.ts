import { connect } from "nats";
import { decodePack, encodePack, type FloorRow } from "./pack.ts";

const none = new Uint8Array(0);

/** The results service without duplicates, streams or codes: answers packed per reply subject, then the acknowledgement. */
export async function runFloorResults(server: string): Promise<void> {
  const connection = await connect({ servers: server });
  connection.subscribe("floor.results", {
    callback: (_error, message) => {
      const byReply = new Map<string, FloorRow[]>();
      for (const row of decodePack(message.data).rows) {
        const rows = byReply.get(row.reply);
        if (rows === undefined) byReply.set(row.reply, [row]);
        else rows.push(row);
      }
      for (const [reply, rows] of byReply) connection.publish(reply, encodePack(rows, 0));
      message.respond(none);
    },
  });
  await connection.flush();
}
