import {
  amount,
  count,
  fields,
  flag,
  listOf,
  subjectOrEmpty,
  text,
  token,
  wrongField,
  type Fields,
} from "./fields.ts";
import type { Control, StreamWindow, WorkBatch, WorkRefusal } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import { encodePack } from "./encode-pack.ts";
import { isPackForm, readPack, type Pack } from "./pack.ts";
import { admittedFormat, readAdmittedRequests } from "./request-rows.ts";

export function encodeWorkBatch(batch: WorkBatch): Uint8Array {
  const { kind, batchId, creditId, pool, model, epoch, isReportAwaited, heldMs, requests } = batch;
  const head: Record<string, unknown> = { kind, batchId, creditId, pool, model, epoch };
  if (isReportAwaited) head["isReportAwaited"] = true;
  if (heldMs !== undefined) head["heldMs"] = heldMs;
  return encodePack(admittedFormat, head, requests);
}

export function encodeControl({ kind, reply, cancel, windows }: Control): Uint8Array {
  return toMsgpack({ kind, cancel, windows, ...(reply !== undefined && { reply }) });
}

/**
 * Reads what a worker gets on `work.<model>.<worker>`.
 * @throws {InferenceError} `invalidArgument` for anything but a {@link WorkBatch} or a {@link Control}.
 */
export function decodeWorkMessage(bytes: Uint8Array): WorkBatch | Control {
  const message = fromMsgpack(bytes);
  return isPackForm(message) ? readBatch(readPack(message)) : readControl(fields(message, "work"));
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link Control}. */
export function decodeControl(bytes: Uint8Array): Control {
  return readControl(fields(fromMsgpack(bytes), "control"));
}

function readBatch(pack: Pack): WorkBatch {
  const { head } = pack;
  const { heldMs } = head;
  if (head["kind"] !== "batch") throw wrongField("kind", head["kind"], "batch");
  return {
    kind: "batch",
    batchId: token(head["batchId"], "batchId"),
    creditId: token(head["creditId"], "creditId"),
    pool: token(head["pool"], "pool"),
    model: token(head["model"], "model"),
    epoch: count(head["epoch"], "epoch"),
    isReportAwaited: flag(head["isReportAwaited"] ?? false, "isReportAwaited"),
    ...(heldMs !== undefined && { heldMs: amount(heldMs, "heldMs") }),
    requests: readAdmittedRequests(pack),
  };
}

const ids = listOf(token);
const streamWindows = listOf(readWindow);

function readControl(message: Fields): Control {
  if (message["kind"] !== "control") throw wrongField("kind", message["kind"], "control");
  const { reply } = message;
  return {
    kind: "control",
    ...(reply !== undefined && { reply: subjectOrEmpty(reply, "reply") }),
    cancel: ids(message["cancel"], "cancel"),
    windows: streamWindows(message["windows"], "windows"),
  };
}

function readWindow(value: unknown, name: string): StreamWindow {
  const window = fields(value, name);
  return { id: token(window["id"], "id"), frameLimit: count(window["frameLimit"], "frameLimit") };
}

export function encodeWorkRefusal({ batchId, reason }: WorkRefusal): Uint8Array {
  return toMsgpack({ batchId, reason });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link WorkRefusal}. */
export function decodeWorkRefusal(bytes: Uint8Array): WorkRefusal {
  const message = fields(fromMsgpack(bytes), "work refusal");
  return { batchId: token(message["batchId"], "batchId"), reason: text(message["reason"], "reason") };
}
