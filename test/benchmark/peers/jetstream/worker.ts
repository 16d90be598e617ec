import { jetstream, type JsMsg } from "@nats-io/jetstream";
import { connect } from "nats";
import { readFloats, viewBytes } from "../../measure/float-bytes.ts";
import { openProbeSession, probeAnswerLength, probeInputLength } from "../probe/probe-session.ts";
import { answerToHeader, createWorkQueue, durableName, streamName } from "./stream.ts";

const maxBatchSize = 64;
/** Asked for ahead, so that requests for the next batches arrive while one runs. */
const pulledCount = 4 * maxBatchSize;

/** A pull consumer that runs what has arrived in batches, answers each caller and then acknowledges. */
export async function runJetstreamWorker(server: string): Promise<void> {
  const session = await openProbeSession();
  const connection = await connect({ servers: server });
  await createWorkQueue(connection);
  let waiting: JsMsg[] = [];
  let isRunning = false;

  async function answer(batch: readonly JsMsg[]): Promise<void> {
    try {
      const rows = new Float32Array(batch.length * probeInputLength);
      batch.forEach((message, index) => rows.set(readFloats(message.data), index * probeInputLength));
      const answers = await session.run(rows);
      batch.forEach((message, index) => {
        const values = answers.subarray(index * probeAnswerLength, (index + 1) * probeAnswerLength);
        publishAnswer(message, viewBytes(values));
        message.ack();
      });
    } catch {
      // An empty answer is an error to the client, which counts it; a request that failed is not delivered again.
      for (const message of batch) {
        publishAnswer(message);
        message.term();
      }
    }
  }

  function publishAnswer(message: JsMsg, values?: Uint8Array): void {
    const subject = message.headers?.get(answerToHeader);
    if (subject) connection.publish(subject, values);
  }

  async function answerWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatchSize);
      waiting = waiting.slice(maxBatchSize);
      await answer(batch);
    }
    isRunning = false;
  }

  const consumer = await jetstream(connection).consumers.get(streamName, durableName);
  await consumer.consume({
    max_messages: pulledCount,
    callback(message) {
      waiting.push(message);
      if (isRunning) return;
      isRunning = true;
      // At the end of the read, so that what arrived together runs together.
      setImmediate(() => void answerWaiting());
    },
  });
}
