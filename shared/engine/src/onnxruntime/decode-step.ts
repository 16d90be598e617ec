import type { StepRequest, StepRow } from "../decoder.ts";
import type { EngineTensor } from "../engine.ts";
import { decoderNames, type DecoderSpec } from "./decoder-spec.ts";
import { createPastStore, type Past } from "./past-store.ts";

/** Runs the model once; rejects as ONNX Runtime does. */
export type RunModel = (inputs: readonly EngineTensor[]) => Promise<readonly EngineTensor[]>;

/** What a step gave one row; `reason` is ONNX Runtime's own text. */
export type ThreadOutcome =
  | { readonly kind: "token"; readonly token: number; readonly inferenceMs: number }
  | { readonly kind: "failed"; readonly reason: string };

/** Steps of a decoder, in the engine thread; it owns what the model knows of its sequences. */
export interface StepRunner {
  /** Never rejects: rows that the model refuses together run again one by one, so that each fails for itself. */
  step(request: StepRequest): Promise<readonly ThreadOutcome[]>;
}

export interface StepRunnerOptions {
  readonly runModel: RunModel;
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
}

/** Creates the runner of a decoder with no sequences yet. */
export function createStepRunner(spec: DecoderSpec, { runModel, nowMs }: StepRunnerOptions): StepRunner {
  const store = createPastStore(spec.past);

  /** @returns the next token of each row. */
  const runRows = async (rows: readonly StepRow[]): Promise<number[]> => {
    const sequences = rows.map(({ sequence }) => sequence);
    const past = store.pastOf(sequences);
    const outputs = await runModel([...stepInputs(rows, past), ...past.tensors]);
    const tokens = bestTokens(outputs, rows.length);
    const newCount = rows[0]?.tokens.length ?? 0;
    store.keep(sequences, { past, newCount, tensors: presentOf(spec, outputs) });
    return tokens;
  };

  const runGroup = async (rows: readonly StepRow[]): Promise<ThreadOutcome[]> => {
    const startedMs = nowMs();
    try {
      const tokens = await runRows(rows);
      const inferenceMs = (nowMs() - startedMs) / rows.length;
      return tokens.map((token) => ({ kind: "token", token, inferenceMs }));
    } catch (thrown) {
      if (rows.length === 1) return [{ kind: "failed", reason: reasonOf(thrown) }];
    }
    const outcomes: ThreadOutcome[] = [];
    for (const row of rows) outcomes.push(...(await runGroup([row])));
    return outcomes;
  };

  return {
    step: async ({ rows, forgotten }) => {
      store.forget(forgotten);
      const outcomes = new Map<StepRow, ThreadOutcome>();
      for (const group of groupByTokenCount(rows)) {
        const given = await runGroup(group);
        for (const [index, row] of group.entries()) {
          const outcome = given[index];
          if (outcome !== undefined) outcomes.set(row, outcome);
        }
      }
      store.trim();
      return rows.flatMap((row) => outcomes.get(row) ?? []);
    },
  };
}

export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Rows that can run together have as many tokens: fewest first, so that running sequences go before new ones. */
function groupByTokenCount(rows: readonly StepRow[]): StepRow[][] {
  const groups = new Map<number, StepRow[]>();
  for (const row of rows) {
    const group = groups.get(row.tokens.length);
    if (group === undefined) groups.set(row.tokens.length, [row]);
    else group.push(row);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Ids, positions and mask of rows with as many tokens each; their padding is masked. */
function stepInputs(rows: readonly StepRow[], { lengths, paddedLength }: Past): EngineTensor[] {
  const newCount = rows[0]?.tokens.length ?? 0;
  const ids = new BigInt64Array(rows.length * newCount);
  const positions = new BigInt64Array(rows.length * newCount);
  const maskWidth = paddedLength + newCount;
  const mask = new BigInt64Array(rows.length * maskWidth);
  for (const [row, { tokens }] of rows.entries()) {
    const length = lengths[row] ?? 0;
    for (const [index, token] of tokens.entries()) {
      ids[row * newCount + index] = BigInt(token);
      positions[row * newCount + index] = BigInt(length + index);
    }
    mask.fill(1n, row * maskWidth + paddedLength - length, (row + 1) * maskWidth);
  }
  const int64 = (name: string, elements: BigInt64Array<ArrayBuffer>): EngineTensor => ({
    name,
    datatype: "INT64",
    shape: [rows.length, elements.length / rows.length],
    buffer: elements.buffer,
  });
  return [
    int64(decoderNames.ids, ids),
    int64(decoderNames.positions, positions),
    int64(decoderNames.mask, mask),
  ];
}

/** For each row the token with the highest score after its last one; of equal scores the first. */
function bestTokens(outputs: readonly EngineTensor[], rowCount: number): number[] {
  const logits = outputs.find(({ name }) => name === decoderNames.logits);
  if (logits === undefined) throw new Error(`the model gave no ${decoderNames.logits}`);
  const scores = new Float32Array(logits.buffer);
  const tokenCount = logits.shape.at(-1) ?? 0;
  const rowSize = scores.length / rowCount;
  return Array.from({ length: rowCount }, (_, row) => {
    const end = (row + 1) * rowSize;
    return indexOfHighest(scores.subarray(end - tokenCount, end));
  });
}

function indexOfHighest(scores: Float32Array): number {
  let best = 0;
  for (let index = 1; index < scores.length; index++) {
    if ((scores[index] ?? 0) > (scores[best] ?? 0)) best = index;
  }
  return best;
}

function presentOf(spec: DecoderSpec, outputs: readonly EngineTensor[]): EngineTensor[] {
  return spec.past.map(({ name, present }) => {
    const output = outputs.find((candidate) => candidate.name === present);
    if (output === undefined) throw new Error(`the model gave no ${present}`);
    return { ...output, name };
  });
}
