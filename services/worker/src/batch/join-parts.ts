import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { RunTimes } from "./frame-maker.ts";
import type { ResultTensors } from "./slice-outputs.ts";
import type { AnsweredPart } from "./split-results.ts";

/** A request whose rows have all run. */
export interface AnsweredRequest {
  readonly request: AdmittedRequest;
  readonly result: ResultTensors;
  readonly times: RunTimes;
}

/** Puts the results of cut requests together again. */
export interface PartJoiner {
  /** Whether some rows of a request have run, and some have not. */
  hasBegun(request: AdmittedRequest): boolean;
  /**
   * Takes what a run answered of requests that are cut; gives those that are complete now.
   * @throws {InferenceError} `internal` when rows of a request have different shapes, so that no tensor can hold them.
   */
  add(answered: readonly AnsweredPart[], times: RunTimes): readonly AnsweredRequest[];
}

/** What is there of a request that is cut. */
interface Pieces {
  readonly request: AdmittedRequest;
  readonly answered: AnsweredPart[];
  missingItems: number;
  /** From the first run on, and the sums of all. */
  times: RunTimes;
}

/** Creates a joiner for one batch. */
export function createPartJoiner(): PartJoiner {
  const open = new Map<AdmittedRequest, Pieces>();

  const piecesOf = ({ part }: AnsweredPart, { batchMs }: RunTimes): Pieces => {
    const { request, requestItems } = part;
    const known = open.get(request);
    if (known !== undefined) return known;
    const times = { batchMs, transferMs: 0, inferenceMs: 0 };
    const pieces = { request, answered: [], missingItems: requestItems, times };
    open.set(request, pieces);
    return pieces;
  };

  return {
    hasBegun: (request) => open.has(request),
    add: (answered, times) => {
      const complete: AnsweredRequest[] = [];
      const grown = new Set<Pieces>();
      for (const one of answered) {
        const pieces = piecesOf(one, times);
        pieces.answered.push(one);
        pieces.missingItems -= one.part.items;
        grown.add(pieces);
      }
      for (const pieces of grown) {
        pieces.times = addRun(pieces.times, times);
        if (pieces.missingItems > 0) continue;
        open.delete(pieces.request);
        const { request, times: all } = pieces;
        complete.push({ request, result: joinResults(pieces.answered), times: all });
      }
      return complete;
    },
  };
}

function addRun(sum: RunTimes, { transferMs, inferenceMs }: RunTimes): RunTimes {
  return {
    batchMs: sum.batchMs,
    transferMs: sum.transferMs + transferMs,
    inferenceMs: sum.inferenceMs + inferenceMs,
  };
}

function joinResults(answered: readonly AnsweredPart[]): ResultTensors {
  const inOrder = answered.toSorted((a, b) => a.part.start - b.part.start).map(({ result }) => result);
  const outputs = inOrder[0]?.outputs ?? [];
  return {
    outputs: outputs.map((output, place) => {
      const shapes = inOrder.map((result) => result.outputs[place]?.shape ?? []);
      return { ...output, shape: joinShapes(output.name, shapes) };
    }),
    body: outputs.map((_, place) => joinChunks(inOrder.flatMap((result) => result.body[place] ?? []))),
  };
}

function joinShapes(name: string, shapes: readonly (readonly number[])[]): readonly number[] {
  const rest = shapes[0]?.slice(1) ?? [];
  const other = shapes.find((shape) => shape.slice(1).join() !== rest.join());
  if (other !== undefined) {
    throw new InferenceError(
      "internal",
      `rows of output "${name}" have the shapes [${rest.join()}] and [${other.slice(1).join()}], expected one shape`,
    );
  }
  return [shapes.reduce((rows, shape) => rows + (shape[0] ?? 0), 0), ...rest];
}

function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
