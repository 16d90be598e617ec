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
} from "./fields.ts";
import type { Frame } from "./frame.ts";
import { frameDefaults } from "./frames.ts";
import type { RowFormat } from "./encode-pack.ts";
import type { Pack, RowTensors } from "./pack.ts";
import { checkAccept } from "./request-rows.ts";

export const checkCode = oneOf(codes);

/** What a frame has beside its tensors. */
export const frameColumns = {
  id: { valueOf: (row: Frame) => row.id, check: token, fallback: undefined },
  tenant: column((row) => row.tenant, tokenOrEmpty, ""),
  reply: column((row) => row.reply, subjectOrEmpty, ""),
  accept: rareColumn((row) => row.accept, checkAccept, frameDefaults.accept),
  epoch: column((row) => row.epoch, count, frameDefaults.epoch),
  attempt: rareColumn((row) => row.attempt, count, frameDefaults.attempt),
  frame: rareColumn((row) => row.frame, count, frameDefaults.frame),
  final: rareColumn((row) => row.final, flag, frameDefaults.final),
  code: rareColumn((row) => row.code, checkCode, frameDefaults.code),
  message: rareColumn((row) => row.message, text, frameDefaults.message),
  details: rareColumn((row) => row.details, errorDetails, frameDefaults.details),
  retryAfterMs: rareColumn((row) => row.retryAfterMs, amount, frameDefaults.retryAfterMs),
  queuedMs: column((row) => row.timings.queuedMs, amount, frameDefaults.timings.queuedMs),
  batchMs: column((row) => row.timings.batchMs, amount, frameDefaults.timings.batchMs),
  transferMs: column((row) => row.timings.transferMs, amount, frameDefaults.timings.transferMs),
  inferenceMs: column((row) => row.timings.inferenceMs, amount, frameDefaults.timings.inferenceMs),
  totalMs: column((row) => row.timings.totalMs, amount, frameDefaults.timings.totalMs),
  parameters: rareColumn((row) => row.parameters, parameters, frameDefaults.parameters),
};

function column<Value>(
  valueOf: (row: Frame) => Value,
  check: Column<Frame, Value>["check"],
  fallback: Value,
): Column<Frame, Value> {
  return { valueOf, check, fallback };
}

function rareColumn<Value>(
  valueOf: (row: Frame) => Value,
  check: Column<Frame, Value>["check"],
  fallback: Value,
): Column<Frame, Value> {
  return { valueOf, check, fallback, isRare: true };
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
  const cells = readFrameColumns(pack);
  return pack.tensors.map((tensors, row) => readFrame(cells, tensors, row));
}

/** One literal, so that all rows have one shape. */
function readFrame(cells: CellsOf<typeof frameColumns>, { layouts, body }: RowTensors, row: number): Frame {
  return {
    id: cellAt(cells.id, row),
    tenant: cellAt(cells.tenant, row),
    reply: cellAt(cells.reply, row),
    accept: cellAt(cells.accept, row),
    epoch: cellAt(cells.epoch, row),
    attempt: cellAt(cells.attempt, row),
    frame: cellAt(cells.frame, row),
    final: cellAt(cells.final, row),
    code: cellAt(cells.code, row),
    message: cellAt(cells.message, row),
    details: cellAt(cells.details, row),
    retryAfterMs: cellAt(cells.retryAfterMs, row),
    timings: {
      queuedMs: cellAt(cells.queuedMs, row),
      batchMs: cellAt(cells.batchMs, row),
      transferMs: cellAt(cells.transferMs, row),
      inferenceMs: cellAt(cells.inferenceMs, row),
      totalMs: cellAt(cells.totalMs, row),
    },
    outputs: layouts,
    body,
    parameters: cellAt(cells.parameters, row),
  };
}
