import type { Engine } from "@sluice/engine";
import type { HandPickedModel } from "./model.ts";

/** An engine that is given batches of a size that somebody picked by hand. */
export interface HandPickedBatches<Row> {
  /** Rows in a batch from now on, where so many wait. */
  setBatchItems(count: number): void;
  /** Resolves with the answer of one row once it has run. */
  run(row: Row): Promise<Uint8Array>;
}

/** Batches given to the engine: one that runs, and one so that it never waits for this thread. */
const openBatchCount = 2;

interface Waiting<Row> {
  readonly row: Row;
  readonly length: number;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** A batch is whoever waits longest, with those of the nearest lengths; it is picked as soon as the engine takes one more. */
export function createHandPickedBatches<Row>(
  engine: Engine,
  model: HandPickedModel<Row>,
): HandPickedBatches<Row> {
  const waiting: Waiting<Row>[] = [];
  let batchItems = 1;
  let openCount = 0;

  const pick = (): Waiting<Row>[] => {
    const oldest = waiting[0]?.length ?? 0;
    const distance = ({ length }: Waiting<Row>): number => Math.abs(length - oldest);
    const mates = model.isPadded ? waiting : waiting.filter((one) => distance(one) === 0);
    const picked = mates.toSorted((a, b) => distance(a) - distance(b)).slice(0, batchItems);
    for (const one of picked) waiting.splice(waiting.indexOf(one), 1);
    return picked;
  };

  const runBatch = async (): Promise<void> => {
    openCount += 1;
    const batch = pick();
    try {
      const { outputs } = await engine.run([model.join(batch.map(({ row }) => row))]);
      const answers = model.answer(outputs, batch.length);
      batch.forEach(({ resolve }, index) => resolve(answers[index] ?? new Uint8Array(0)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    openCount -= 1;
    runWaiting();
  };

  const runWaiting = (): void => {
    // Ends by itself, and tells everybody in it how.
    while (openCount < openBatchCount && waiting.length > 0) void runBatch();
  };

  return {
    setBatchItems: (count) => {
      batchItems = count;
    },
    run: (row) =>
      new Promise((resolve, reject) => {
        waiting.push({ row, length: model.lengthOf(row), resolve, reject });
        runWaiting();
      }),
  };
}
