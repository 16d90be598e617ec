import { codes } from "./code.ts";
import { cellAt, createColumnReader, isEmpty, type CellsOf, type Column } from "./columns.ts";
import {
  amount,
  count,
  errorDetails,
  flag,
  oneOf,
  parameters,
  subjectOrEmpty,
  text,
  token,
  tokenOrEmpty,
  type Check,
} from "./fields.ts";
import type { Frame } from "./frame.ts";
import { frameDefaults } from "./frames.ts";
import type { RowFormat } from "./encode-pack.ts";
import type { Pack, RowTensors } from "./pack.ts";
import { checkAccept } from "./request-rows.ts";
import { areTokens } from "./token.ts";

export const checkCode = oneOf(codes);

/** What a frame has beside its tensors. */
export const frameColumns = {
  id: {
    valueOf: (row: Frame) => row.id,
    check: token,
    areRight: areTokens,
    fallback: undefined,
    form: "words",
  },
  tenant: { valueOf: (row: Frame) => row.tenant, check: tokenOrEmpty, fallback: "", form: "words" },
  reply: { valueOf: (row: Frame) => row.reply, check: subjectOrEmpty, fallback: "", form: "words" },
  accept: rareColumn((row) => row.accept, checkAccept, frameDefaults.accept),
  epoch: numberColumn((row) => row.epoch, count, frameDefaults.epoch),
  attempt: rareNumber((row) => row.attempt, count, frameDefaults.attempt),
  frame: rareNumber((row) => row.frame, count, frameDefaults.frame),
  final: rareColumn((row) => row.final, flag, frameDefaults.final),
  code: rareColumn((row) => row.code, checkCode, frameDefaults.code),
  message: rareColumn((row) => row.message, text, frameDefaults.message),
  details: rareColumn((row) => row.details, errorDetails, frameDefaults.details),
  retryAfterMs: rareNumber((row) => row.retryAfterMs, amount, frameDefaults.retryAfterMs),
  queuedMs: numberColumn((row) => row.timings.queuedMs, amount, frameDefaults.timings.queuedMs),
  batchMs: numberColumn((row) => row.timings.batchMs, amount, frameDefaults.timings.batchMs),
  transferMs: numberColumn((row) => row.timings.transferMs, amount, frameDefaults.timings.transferMs),
  inferenceMs: numberColumn((row) => row.timings.inferenceMs, amount, frameDefaults.timings.inferenceMs),
  totalMs: numberColumn((row) => row.timings.totalMs, amount, frameDefaults.timings.totalMs),
  parameters: rareColumn((row) => row.parameters, parameters, frameDefaults.parameters),
} as const;

function numberColumn(
  valueOf: (row: Frame) => number,
  check: Check<number>,
  fallback: number,
): Column<Frame, number> {
  return { valueOf, check, fallback, form: "numbers" };
}

function rareNumber(
  valueOf: (row: Frame) => number,
  check: Check<number>,
  fallback: number,
): Column<Frame, number> {
  return { valueOf, check, fallback, form: "numbers", isRare: true };
}

function rareColumn<Value>(
  valueOf: (row: Frame) => Value,
  check: Check<Value>,
  fallback: Value,
): Column<Frame, Value> {
  return { valueOf, check, fallback, form: "list", isRare: true };
}

function isPlain(frame: Frame): boolean {
  return (
    frame.final &&
    frame.frame === 0 &&
    frame.attempt === 0 &&
    frame.accept === "msgpack" &&
    frame.code === "ok" &&
    frame.message === "" &&
    frame.retryAfterMs === 0 &&
    isEmpty(frame.details) &&
    isEmpty(frame.parameters)
  );
}

/** Frames, on their way from the worker to their caller. */
export const frameFormat: RowFormat<Frame> = {
  columns: Object.entries(frameColumns),
  isPlain,
  layoutsOf: (frame) => frame.outputs,
  bodyOf: (frame) => frame.body,
};

const readFrameColumns = createColumnReader(frameColumns);

/** @throws {InferenceError} `invalidArgument` when a field does not hold what it must. */
export function readFrames(pack: Pack): Frame[] {
  const { cells, arePlain } = readFrameColumns(pack);
  return pack.tensors.map((tensors, row) =>
    toFrame({ cells, tensors, row }, arePlain ? frameDefaults : rareFields(cells, row)),
  );
}

interface FrameRow {
  readonly cells: CellsOf<typeof frameColumns>;
  readonly tensors: RowTensors;
  readonly row: number;
}

/** The fields that are at their defaults in most packs. */
type RareFields = Omit<Frame, "id" | "tenant" | "reply" | "epoch" | "timings" | "outputs" | "body">;

/** One literal, so that all rows have one shape. */
function toFrame({ cells, tensors, row }: FrameRow, rare: RareFields): Frame {
  return {
    id: cellAt(cells.id, row),
    tenant: cellAt(cells.tenant, row),
    reply: cellAt(cells.reply, row),
    accept: rare.accept,
    epoch: cellAt(cells.epoch, row),
    attempt: rare.attempt,
    frame: rare.frame,
    final: rare.final,
    code: rare.code,
    message: rare.message,
    details: rare.details,
    retryAfterMs: rare.retryAfterMs,
    timings: {
      queuedMs: cellAt(cells.queuedMs, row),
      batchMs: cellAt(cells.batchMs, row),
      transferMs: cellAt(cells.transferMs, row),
      inferenceMs: cellAt(cells.inferenceMs, row),
      totalMs: cellAt(cells.totalMs, row),
    },
    outputs: tensors.layouts,
    body: tensors.body,
    parameters: rare.parameters,
  };
}

function rareFields(cells: CellsOf<typeof frameColumns>, row: number): RareFields {
  return {
    accept: cellAt(cells.accept, row),
    attempt: cellAt(cells.attempt, row),
    frame: cellAt(cells.frame, row),
    final: cellAt(cells.final, row),
    code: cellAt(cells.code, row),
    message: cellAt(cells.message, row),
    details: cellAt(cells.details, row),
    retryAfterMs: cellAt(cells.retryAfterMs, row),
    parameters: cellAt(cells.parameters, row),
  };
}
