import {
  amount,
  count,
  fields,
  flag,
  listOf,
  oneOf,
  text,
  token,
  tokenOrEmpty,
  wrongField,
  type Fields,
} from "./fields.ts";
import { checkCode } from "./frame-rows.ts";
import type { Handover, HandoverAnswer, HandoverState, HandoverVirtualTime } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import { encodePack } from "./encode-pack.ts";
import { isPackForm, readPack, type Pack } from "./pack.ts";
import { signatures } from "./profile.ts";
import { tenantClasses } from "./tenant-class.ts";
import { admittedFormat, readAdmittedRequests } from "./request-rows.ts";

export function encodeHandover(handover: Handover): Uint8Array {
  if (handover.kind !== "state") return toMsgpack(handover);
  const { requests, ...head } = handover;
  return encodePack(admittedFormat, head, requests);
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link Handover}. */
export function decodeHandover(bytes: Uint8Array): Handover {
  const message = fromMsgpack(bytes);
  return isPackForm(message) ? readState(readPack(message)) : readStep(fields(message, "handover"));
}

function readState(pack: Pack): HandoverState {
  const { head } = pack;
  if (head["kind"] !== "state") throw wrongField("kind", head["kind"], "state");
  return {
    kind: "state",
    ...readParties(head),
    part: count(head["part"], "part"),
    last: flag(head["last"], "last"),
    model: tokenOrEmpty(head["model"], "model"),
    batchId: tokenOrEmpty(head["batchId"], "batchId"),
    worker: tokenOrEmpty(head["worker"], "worker"),
    requests: readAdmittedRequests(pack),
  };
}

function readStep(message: Fields): Handover {
  switch (message["kind"]) {
    case "prepare":
      return readPrepare(message);
    case "shares":
      return {
        kind: "shares",
        ...readParties(message),
        part: count(message["part"], "part"),
        virtualTimes: virtualTimes(message["virtualTimes"], "virtualTimes"),
      };
    case "abandon":
      return { kind: "abandon", ...readParties(message) };
    default:
      throw wrongField("kind", message["kind"], "one of prepare, shares, state, abandon");
  }
}

function readPrepare(message: Fields): Handover {
  const { queueGroup } = message;
  return {
    kind: "prepare",
    ...readParties(message),
    signatures: signatures(message["signatures"], "signatures"),
    ...(queueGroup !== undefined && { queueGroup: token(queueGroup, "queueGroup") }),
  };
}

const virtualTimes = listOf(readVirtualTime);
const tenantClass = oneOf(tenantClasses);
const virtualTimeKind = oneOf<HandoverVirtualTime["kind"]>(["tenant", "group"]);

function readVirtualTime(value: unknown, name: string): HandoverVirtualTime {
  const virtualTime = fields(value, name);
  const className = virtualTime["class"];
  return {
    kind: virtualTimeKind(virtualTime["kind"], "kind"),
    name: token(virtualTime["name"], "name"),
    ...(className !== undefined && { class: tenantClass(className, "class") }),
    aheadMs: amount(virtualTime["aheadMs"], "aheadMs"),
  };
}

function readParties(message: Fields): Pick<HandoverState, "successor" | "owner" | "epoch"> {
  return {
    successor: token(message["successor"], "successor"),
    owner: token(message["owner"], "owner"),
    epoch: count(message["epoch"], "epoch"),
  };
}

export function encodeHandoverAnswer({ accepted, code, message }: HandoverAnswer): Uint8Array {
  return toMsgpack({ accepted, code, message });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link HandoverAnswer}. */
export function decodeHandoverAnswer(bytes: Uint8Array): HandoverAnswer {
  const answer = fields(fromMsgpack(bytes), "hand-over answer");
  return {
    accepted: flag(answer["accepted"], "accepted"),
    code: checkCode(answer["code"], "code"),
    message: text(answer["message"], "message"),
  };
}
