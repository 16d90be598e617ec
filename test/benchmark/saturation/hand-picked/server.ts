import { loadOnnxEngine } from "@sluice/engine";
import { systemClock } from "@sluice/runtime";
import { connect } from "nats";
import { createHandPickedBatches, type HandPickedBatches } from "./batches.ts";
import { handPickedSubjects, parseCount } from "./control.ts";
import type { HandPickedModel } from "./model.ts";
import { loadSentenceModel } from "./sentence-model.ts";
import { loadStripModel } from "./strip-model.ts";

/** Rows that are kept so that the engine can run them again with nothing around it. */
const keptRowCount = 256;
/** Rows that wait or run at all times when the engine is measured with nothing around it. */
const outstandingCount = 64;

/**
 * A model without Sluice, laid out as one of its workers: this thread talks with NATS and prepares inputs, an engine thread
 * runs batches picked by hand. Answers each request by itself.
 */
export async function runHandPicked(server: string, [model, folder = ""]: readonly string[]): Promise<void> {
  if (model === "text-recognition") await serve(server, await loadStripModel(folder));
  else await serve(server, await loadSentenceModel(folder));
}

async function serve<Row>(server: string, model: HandPickedModel<Row>): Promise<void> {
  const engine = await loadOnnxEngine({
    modelPath: model.modelPath,
    clock: systemClock,
    hasBatchAxis: true,
    intraOpThreads: 1,
  });
  const batches = createHandPickedBatches(engine, model);
  const kept: Row[] = [];
  const connection = await connect({ servers: server });
  connection.subscribe(handPickedSubjects.infer, {
    callback: (_error, message) => {
      const row = model.prepare(message.data);
      kept.push(row);
      if (kept.length > keptRowCount) kept.shift();
      // A run that fails is answered with nothing.
      void batches.run(row).then(
        (answer) => message.respond(answer),
        () => message.respond(),
      );
    },
  });
  connection.subscribe(handPickedSubjects.batchItems, {
    callback: (_error, message) => {
      batches.setBatchItems(parseCount(message.data));
      message.respond();
    },
  });
  connection.subscribe(handPickedSubjects.engineOnly, {
    callback: (_error, message) => {
      const windowMs = parseCount(message.data);
      void measureEngine(batches, { rows: [...kept], windowMs }).then((answeredCount) =>
        message.respond(String(answeredCount)),
      );
    },
  });
  await connection.flush();
}

/** Rows answered in a window, with no messages and no preparation. */
async function measureEngine<Row>(
  batches: HandPickedBatches<Row>,
  { rows, windowMs }: { readonly rows: readonly Row[]; readonly windowMs: number },
): Promise<number> {
  const endMs = performance.now() + windowMs;
  let drawnCount = 0;
  let answeredCount = 0;
  const runNext = async (): Promise<void> => {
    for (;;) {
      const row = rows[drawnCount++ % rows.length];
      if (row === undefined) throw new Error("nothing was asked yet");
      await batches.run(row);
      if (performance.now() >= endMs) return;
      answeredCount += 1;
    }
  };
  await Promise.all(Array.from({ length: outstandingCount }, runNext));
  return answeredCount;
}
