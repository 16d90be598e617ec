import { codes } from "./code.ts";
import { cellAt, createColumnMaker, createColumnReader, isEmpty, type CellsOf } from "./columns.ts";
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
import type { Frame, Timings } from "./frame.ts";
import { frameDefaults } from "./frames.ts";
import type { RowFormat } from "./encode-pack.ts";
import { numberAt } from "./number-cells.ts";
import type { Pack, RowTensors } from "./pack.ts";
import { checkAccept } from "./request-rows.ts";
import { areTokens } from "./token.ts";

export const checkCode = oneOf(codes);

const make = createColumnMaker<Frame>();

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
  accept: make.rare((row) => row.accept, checkAccept, frameDefaults.accept),
  epoch: make.number((row) => row.epoch, count, frameDefaults.epoch),
  attempt: make.rareNumber((row) => row.attempt, count, frameDefaults.attempt),
  frame: make.rareNumber((row) => row.frame, count, frameDefaults.frame),
  final: make.rare((row) => row.final, flag, frameDefaults.final),
  code: make.rare((row) => row.code, checkCode, frameDefaults.code),
  message: make.rare((row) => row.message, text, frameDefaults.message),
  details: make.rare((row) => row.details, errorDetails, frameDefaults.details),
  retryAfterMs: make.rareNumber((row) => row.retryAfterMs, amount, frameDefaults.retryAfterMs),
  queuedMs: make.number((row) => row.timings.queuedMs, amount, frameDefaults.timings.queuedMs),
  batchMs: make.number((row) => row.timings.batchMs, amount, frameDefaults.timings.batchMs),
  transferMs: make.number((row) => row.timings.transferMs, amount, frameDefaults.timings.transferMs),
  inferenceMs: make.number((row) => row.timings.inferenceMs, amount, frameDefaults.timings.inferenceMs),
  totalMs: make.number((row) => row.timings.totalMs, amount, frameDefaults.timings.totalMs),
  firstTokenMs: make.rareNumber((row) => row.timings.firstTokenMs ?? 0, amount, 0),
  tokenMs: make.rareNumber((row) => row.timings.tokenMs ?? 0, amount, 0),
  parameters: make.rare((row) => row.parameters, parameters, frameDefaults.parameters),
} as const;

function isPlain(frame: Frame): boolean {
  return (
    frame.final &&
    frame.frame === 0 &&
    frame.attempt === 0 &&
    frame.accept === "msgpack" &&
    frame.code === "ok" &&
    frame.message === "" &&
    frame.retryAfterMs === 0 &&
    frame.timings.firstTokenMs === undefined &&
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
  return pack.tensors.map((tensors, row) => {
    if (arePlain) return toFrame({ cells, tensors, row }, frameDefaults);
    const frame = toFrame({ cells, tensors, row }, rareFields(cells, row));
    return { ...frame, timings: { ...frame.timings, ...tokenTimings(cells, row) } };
  });
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
    epoch: numberAt(cells.epoch, row),
    attempt: rare.attempt,
    frame: rare.frame,
    final: rare.final,
    code: rare.code,
    message: rare.message,
    details: rare.details,
    retryAfterMs: rare.retryAfterMs,
    timings: {
      queuedMs: numberAt(cells.queuedMs, row),
      batchMs: numberAt(cells.batchMs, row),
      transferMs: numberAt(cells.transferMs, row),
      inferenceMs: numberAt(cells.inferenceMs, row),
      totalMs: numberAt(cells.totalMs, row),
    },
    outputs: tensors.layouts,
    body: tensors.body,
    parameters: rare.parameters,
  };
}

function tokenTimings(
  { firstTokenMs, tokenMs }: CellsOf<typeof frameColumns>,
  row: number,
): Pick<Timings, "firstTokenMs" | "tokenMs"> {
  const first = numberAt(firstTokenMs, row);
  const each = numberAt(tokenMs, row);
  return { ...(first > 0 ? { firstTokenMs: first } : {}), ...(each > 0 ? { tokenMs: each } : {}) };
}

function rareFields(cells: CellsOf<typeof frameColumns>, row: number): RareFields {
  return {
    accept: cellAt(cells.accept, row),
    attempt: numberAt(cells.attempt, row),
    frame: numberAt(cells.frame, row),
    final: cellAt(cells.final, row),
    code: cellAt(cells.code, row),
    message: cellAt(cells.message, row),
    details: cellAt(cells.details, row),
    retryAfterMs: numberAt(cells.retryAfterMs, row),
    parameters: cellAt(cells.parameters, row),
  };
}
