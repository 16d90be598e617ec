import {
  amount,
  count,
  fields,
  listOf,
  oneOf,
  subjectOrEmpty,
  text,
  token,
  wrongField,
  type Fields,
} from "./fields.ts";
import type { BatchDone, Credit, CreditAnswer, OpenRun } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import type { RunName } from "./run-name.ts";

export function encodeCredit(credit: Credit): Uint8Array {
  const { creditId, worker, epoch, models, freeInMs, capacity, done, openRuns } = credit;
  const message = { creditId, worker, epoch, models, freeInMs, capacity, done: done.map(toDone) };
  return toMsgpack(openRuns === undefined ? message : { ...message, openRuns });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link Credit}. */
export function decodeCredit(bytes: Uint8Array): Credit {
  const message = fields(fromMsgpack(bytes), "credit");
  const credit = {
    creditId: token(message["creditId"], "creditId"),
    worker: token(message["worker"], "worker"),
    epoch: count(message["epoch"], "epoch"),
    models: tokens(message["models"], "models"),
    freeInMs: amount(message["freeInMs"], "freeInMs"),
    capacity: count(message["capacity"], "capacity"),
    done: doneList(message["done"], "done"),
  };
  const openRuns = message["openRuns"];
  return openRuns === undefined ? credit : { ...credit, openRuns: openRunList(openRuns, "openRuns") };
}

const tokens = listOf(token);
const subjects = listOf(subjectOrEmpty);
const doneList = listOf(readDone);
const openRunList = listOf(readOpenRun);

/** What is 0, or a reply subject that is not known, goes without saying. Not spread together, since V8 copies spreads in its runtime. */
function toDone({ batchId, costMs, uselessMs, agoMs, returned, failed, unrun }: BatchDone): object {
  const done: Record<string, unknown> = { batchId, costMs };
  if (uselessMs !== 0) done["uselessMs"] = uselessMs;
  done["returned"] = returned.map(({ id }) => id);
  done["failed"] = failed.map(({ id }) => id);
  if (agoMs !== 0) done["agoMs"] = agoMs;
  if (returned.some(hasReply)) done["returnedReplies"] = returned.map(({ reply }) => reply);
  if (failed.some(hasReply)) done["failedReplies"] = failed.map(({ reply }) => reply);
  if (unrun.length > 0) {
    done["unrun"] = unrun.map(({ id }) => id);
    done["unrunReplies"] = unrun.map(({ reply }) => reply);
  }
  return done;
}

function hasReply({ reply }: RunName): boolean {
  return reply !== "";
}

function readDone(value: unknown, name: string): BatchDone {
  const done = fields(value, name);
  return {
    batchId: token(done["batchId"], "batchId"),
    costMs: amount(done["costMs"], "costMs"),
    uselessMs: amount(done["uselessMs"] ?? 0, "uselessMs"),
    agoMs: amount(done["agoMs"] ?? 0, "agoMs"),
    returned: readNames(done, "returned"),
    failed: readNames(done, "failed"),
    unrun: done["unrun"] === undefined ? [] : readNames(done, "unrun"),
  };
}

function readNames(done: Fields, name: "returned" | "failed" | "unrun"): readonly RunName[] {
  const ids = tokens(done[name], name);
  const replies = subjects(done[`${name}Replies`] ?? [], `${name}Replies`);
  if (replies.length > ids.length) throw wrongField(`${name}Replies`, replies, `at most ${ids.length}`);
  return ids.map((id, index) => ({ id, reply: replies[index] ?? "" }));
}

function readOpenRun(value: unknown, name: string): OpenRun {
  const run = fields(value, name);
  return {
    id: token(run["id"], "id"),
    tenant: token(run["tenant"], "tenant"),
    reply: subjectOrEmpty(run["reply"], "reply"),
    model: token(run["model"], "model"),
    batchId: token(run["batchId"], "batchId"),
    epoch: count(run["epoch"], "epoch"),
    attempt: count(run["attempt"], "attempt"),
  };
}

const creditStatus = oneOf<CreditAnswer["status"]>(["moved", "refused"]);

export function encodeCreditAnswer({ status, epoch, message }: CreditAnswer): Uint8Array {
  return toMsgpack({ status, epoch, message });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link CreditAnswer}. */
export function decodeCreditAnswer(bytes: Uint8Array): CreditAnswer {
  const answer = fields(fromMsgpack(bytes), "credit answer");
  return {
    status: creditStatus(answer["status"], "status"),
    epoch: count(answer["epoch"], "epoch"),
    message: text(answer["message"], "message"),
  };
}
