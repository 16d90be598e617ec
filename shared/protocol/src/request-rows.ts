import { cellAt, createColumnMaker, createColumnReader, isEmpty, type CellsOf } from "./columns.ts";
import {
  amount,
  count,
  flag,
  listOf,
  metadata,
  oneOf,
  parameters,
  subjectOrEmpty,
  text,
  token,
  wholeNumber,
} from "./fields.ts";
import { maxPriority, maxTensors } from "./limits.ts";
import type { RowFormat } from "./encode-pack.ts";
import { numberAt } from "./number-cells.ts";
import type { Pack, RowTensors } from "./pack.ts";
import type { Accept, AdmittedRequest, InferenceRequest } from "./request.ts";
import { admitRequest, requestDefaults } from "./requests.ts";
import { areTokens } from "./token.ts";

export const checkAccept = oneOf<Accept>(["msgpack", "json"]);
export const checkPriority = wholeNumber(-maxPriority, maxPriority);

const make = createColumnMaker<InferenceRequest>();

const requestColumns = {
  id: {
    valueOf: (row: InferenceRequest) => row.id,
    check: token,
    areRight: areTokens,
    fallback: undefined,
    form: "words",
  },
  timeoutMs: make.number((row) => row.timeoutMs, amount, requestDefaults.timeoutMs),
  queuedMs: make.number((row) => row.queuedMs, amount, requestDefaults.queuedMs),
  stream: make.rare((row) => row.stream, flag, requestDefaults.stream),
  accept: make.rare((row) => row.accept, checkAccept, requestDefaults.accept),
  outputs: make.rare((row) => row.outputs, listOf(text, maxTensors), requestDefaults.outputs),
  parameters: make.rare((row) => row.parameters, parameters, requestDefaults.parameters),
  metadata: make.rare((row) => row.metadata, metadata, requestDefaults.metadata),
  items: make.rareNumber((row) => row.items, wholeNumber(1, Number.MAX_SAFE_INTEGER), requestDefaults.items),
  priority: make.rareNumber((row) => row.priority, checkPriority, requestDefaults.priority),
  queueTimeoutMs: make.rareNumber((row) => row.queueTimeoutMs, amount, requestDefaults.queueTimeoutMs),
  attempt: make.rareNumber((row) => row.attempt, count, requestDefaults.attempt),
  fromFrame: make.rareNumber((row) => row.fromFrame, count, requestDefaults.fromFrame),
  deterministic: make.rare((row) => row.deterministic, flag, requestDefaults.deterministic),
  inputRef: make.rare((row) => row.inputRef, text, requestDefaults.inputRef),
  traceparent: make.rare((row) => row.traceparent, text, requestDefaults.traceparent),
  cost: make.rareNumber((row) => row.cost, amount, requestDefaults.cost),
  idempotencyKey: make.rare((row) => row.idempotencyKey, text, requestDefaults.idempotencyKey),
} as const;

const admittedColumns = {
  ...requestColumns,
  tenant: { valueOf: (row: AdmittedRequest) => row.tenant, check: token, fallback: undefined, form: "words" },
  reply: {
    valueOf: (row: AdmittedRequest) => row.reply,
    check: subjectOrEmpty,
    fallback: undefined,
    form: "words",
  },
} as const;

function isPlain(request: InferenceRequest): boolean {
  return (
    !request.stream &&
    request.accept === "msgpack" &&
    request.outputs.length === 0 &&
    isEmpty(request.parameters) &&
    isEmpty(request.metadata) &&
    request.items === 1 &&
    request.priority === 0 &&
    request.queueTimeoutMs === 0 &&
    request.attempt === 0 &&
    request.fromFrame === 0 &&
    !request.deterministic &&
    request.inputRef === "" &&
    request.traceparent === "" &&
    request.cost === 0 &&
    request.idempotencyKey === ""
  );
}

const inputsOf = (row: InferenceRequest): InferenceRequest["inputs"] => row.inputs;
const bodyOf = (row: InferenceRequest): InferenceRequest["body"] => row.body;

/** Requests as their callers send them: tenant and reply follow from the message. */
export const requestFormat: RowFormat<InferenceRequest> = {
  columns: Object.entries(requestColumns),
  isPlain,
  layoutsOf: inputsOf,
  bodyOf,
};

/** Requests as the owner passes them on. */
export const admittedFormat: RowFormat<AdmittedRequest> = {
  columns: Object.entries(admittedColumns),
  isPlain,
  layoutsOf: inputsOf,
  bodyOf,
};

const readRequestColumns = createColumnReader(requestColumns);
const readAdmittedColumns = createColumnReader(admittedColumns);

/** @throws {InferenceError} `invalidArgument` when a field does not hold what it must. */
export function readRequests(pack: Pack): InferenceRequest[] {
  const { cells, arePlain } = readRequestColumns(pack);
  return pack.tensors.map((tensors, row) =>
    toRequest({ cells, tensors, row }, arePlain ? requestDefaults : rareFields(cells, row)),
  );
}

/** @throws {InferenceError} `invalidArgument` when a field does not hold what it must. */
export function readAdmittedRequests(pack: Pack): AdmittedRequest[] {
  const { cells, arePlain } = readAdmittedColumns(pack);
  return pack.tensors.map((tensors, row) => {
    const request = toRequest({ cells, tensors, row }, arePlain ? requestDefaults : rareFields(cells, row));
    const { timeoutMs, queuedMs, items, attempt } = request;
    const tenant = cellAt(cells.tenant, row);
    const reply = cellAt(cells.reply, row);
    return admitRequest(request, { tenant, reply, timeoutMs, queuedMs, items, attempt });
  });
}

interface RequestRow {
  readonly cells: Pick<CellsOf<typeof requestColumns>, "id" | "timeoutMs" | "queuedMs">;
  readonly tensors: RowTensors;
  readonly row: number;
}

/** The fields that are at their defaults in most packs. */
type RareFields = Omit<InferenceRequest, "id" | "timeoutMs" | "queuedMs" | "inputs" | "body">;

/** One literal, so that all rows have one shape. */
function toRequest({ cells, tensors, row }: RequestRow, rare: RareFields): InferenceRequest {
  return {
    id: cellAt(cells.id, row),
    timeoutMs: numberAt(cells.timeoutMs, row),
    queuedMs: numberAt(cells.queuedMs, row),
    stream: rare.stream,
    accept: rare.accept,
    inputs: tensors.layouts,
    body: tensors.body,
    outputs: rare.outputs,
    parameters: rare.parameters,
    metadata: rare.metadata,
    items: rare.items,
    priority: rare.priority,
    queueTimeoutMs: rare.queueTimeoutMs,
    attempt: rare.attempt,
    fromFrame: rare.fromFrame,
    deterministic: rare.deterministic,
    inputRef: rare.inputRef,
    traceparent: rare.traceparent,
    cost: rare.cost,
    idempotencyKey: rare.idempotencyKey,
  };
}

function rareFields(cells: CellsOf<typeof requestColumns>, row: number): RareFields {
  return {
    stream: cellAt(cells.stream, row),
    accept: cellAt(cells.accept, row),
    outputs: cellAt(cells.outputs, row),
    parameters: cellAt(cells.parameters, row),
    metadata: cellAt(cells.metadata, row),
    items: numberAt(cells.items, row),
    priority: numberAt(cells.priority, row),
    queueTimeoutMs: numberAt(cells.queueTimeoutMs, row),
    attempt: numberAt(cells.attempt, row),
    fromFrame: numberAt(cells.fromFrame, row),
    deterministic: cellAt(cells.deterministic, row),
    inputRef: cellAt(cells.inputRef, row),
    traceparent: cellAt(cells.traceparent, row),
    cost: numberAt(cells.cost, row),
    idempotencyKey: cellAt(cells.idempotencyKey, row),
  };
}
