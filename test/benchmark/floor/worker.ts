import { connect } from "nats";
import { decodePack, encodePack } from "./pack.ts";
import { publishReplies } from "./publish-replies.ts";

const none = new Uint8Array(0);

/**
 * The worker without models, slots or heartbeats: every batch is copied once into a buffer, echoed from it, and credited. Answers go
 * to the results service, or straight to their callers.
 */
export async function runFloorWorker(server: string, way: "results" | "straight"): Promise<void> {
  const connection = await connect({ servers: server });
  let batchNumber = 0;

  connection.subscribe("floor.ack", { callback: () => undefined });
  connection.subscribe("floor.work", {
    callback: (_error, message) => {
      connection.publish("floor.credit", none);
      const rows = decodePack(message.data).rows;
      let bytes = 0;
      for (const row of rows) bytes += row.body.byteLength;
      const batch = new Uint8Array(bytes);
      let at = 0;
      const results = rows.map((row) => {
        batch.set(row.body, at);
        at += row.body.byteLength;
        return { id: row.id, reply: row.reply, body: batch.subarray(at - row.body.byteLength, at) };
      });
      batchNumber += 1;
      if (way === "straight") publishReplies(connection, results);
      else connection.publish("floor.results", encodePack(results, batchNumber), { reply: "floor.ack" });
    },
  });
  await connection.flush();
  // One batch runs while the next is on its way, as in Sluice.
  connection.publish("floor.credit", none);
  connection.publish("floor.credit", none);
  await connection.flush();
}
