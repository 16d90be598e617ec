import { connect } from "nats";
import { decodePack, encodePack, type FloorRow } from "./pack.ts";

/** Largest batch of the floor; the echo model of the Sluice stack has the same limit. */
export const floorBatchSize = 64;

/** The owner without admission, fairness, leases or deadlines: a list and a number of credits. */
export async function runFloorOwner(server: string): Promise<void> {
  const connection = await connect({ servers: server });
  let waiting: FloorRow[] = [];
  let credits = 0;
  let isScheduled = false;

  function dispatch(): void {
    isScheduled = false;
    while (credits > 0 && waiting.length > 0) {
      credits -= 1;
      const batch = waiting.length <= floorBatchSize ? waiting : waiting.slice(0, floorBatchSize);
      waiting = waiting.length <= floorBatchSize ? [] : waiting.slice(floorBatchSize);
      connection.publish("floor.work", encodePack(batch, 0), { reply: "floor.undelivered" });
    }
  }

  function scheduleDispatch(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(dispatch);
  }

  connection.subscribe("floor.infer", {
    callback: (_error, message) => {
      const reply = message.reply ?? "";
      for (const row of decodePack(message.data).rows) waiting.push({ id: row.id, reply, body: row.body });
      scheduleDispatch();
    },
  });
  connection.subscribe("floor.credit", {
    callback: () => {
      credits += 1;
      scheduleDispatch();
    },
  });
  await connection.flush();
}
