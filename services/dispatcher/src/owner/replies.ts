import type { Messaging } from "@sluice/messaging";
import {
  cutBySize,
  encodeJsonFrame,
  encodeReplyPack,
  errorFrame,
  frameBytes,
  type Frame,
  type Refusal,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";
import { queuedMs, type OpenRequest } from "./open-request.ts";
import { createRefusalCounts } from "./refusal-counts.ts";

/** Whom an error goes to. */
export interface Caller {
  readonly id: string;
  readonly tenant: string;
  readonly reply: string;
  readonly accept: Frame["accept"];
  readonly attempt: number;
}

/** Answers callers whose requests end at the owner. What is said within one read leaves together, packed for each reply subject. */
export interface Replies {
  refuse(caller: Caller, model: string, refusal: Refusal): void;
  /** Answers a plain caller whose message names no tenant that could be: it is counted for nobody. */
  refuseNobody(reply: string, model: string, refusal: Refusal): void;
  /** Refuses a request that waited, or ran, until now. */
  refuseRequest(request: OpenRequest, refusal: Refusal): void;
  /** Sends what was not sent yet, if this owner may answer now. */
  flush(): void;
}

export interface RepliesOptions {
  readonly pool: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  readonly epoch: () => number;
  readonly version: (model: string) => string;
  /** Whether the pool is this owner's to answer for. While that is in doubt answers are held. */
  readonly mayAnswer: () => boolean;
  /** Most frames that are held; beyond that all of them are dropped, and the deadlines of their callers end the calls. */
  readonly maxHeldFrames: number;
}

/** Frames for one reply subject, of one model. */
interface ReplyGroup {
  readonly reply: string;
  readonly model: string;
  readonly frames: Frame[];
}

const jsonHeaders = { "Content-Type": "application/json" } as const;

export function createReplies(options: RepliesOptions): Replies {
  const { pool, messaging, clock, onEvent, epoch, version } = options;
  const refusals = createRefusalCounts({ pool, onEvent });
  const groups = new Map<string, ReplyGroup>();
  let frameCount = 0;
  let isFlushDue = false;

  const publish = (group: ReplyGroup, frames: readonly Frame[]): void => {
    const head = { model: group.model, version: version(group.model) };
    const [first] = frames;
    const isJson = first?.accept === "json";
    const payload = isJson
      ? encodeJsonFrame({ ...head, frame: first })
      : encodeReplyPack({ ...head, frames });
    try {
      messaging.publish(group.reply, payload, isJson ? { headers: jsonHeaders } : {});
    } catch (error) {
      onEvent({ type: "replyFailed", pool, count: frames.length, error });
    }
  };

  const clear = (): void => {
    groups.clear();
    frameCount = 0;
  };

  const flush = (): void => {
    isFlushDue = false;
    refusals.tell();
    if (!options.mayAnswer()) {
      if (frameCount > options.maxHeldFrames) clear();
      return;
    }
    for (const group of groups.values()) {
      const packed = group.frames.filter((frame) => frame.accept !== "json");
      for (const pack of cutBySize(packed, frameBytes, messaging.maxPayloadBytes).packs) publish(group, pack);
      for (const frame of group.frames) if (frame.accept === "json") publish(group, [frame]);
    }
    clear();
  };

  const add = (model: string, frame: Frame): void => {
    const key = `${frame.reply} ${model}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { reply: frame.reply, model, frames: [] };
      groups.set(key, group);
    }
    group.frames.push(frame);
    frameCount += 1;
    if (isFlushDue) return;
    isFlushDue = true;
    clock.afterRead(flush);
  };

  const refuse = (caller: Caller, model: string, refusal: Refusal): void => {
    add(model, errorFrame(caller, { epoch: epoch() }, refusal));
    refusals.note(caller.tenant, model, refusal);
  };

  return {
    refuse,
    refuseNobody: (reply, model, refusal) => {
      const caller: Caller = { id: "", tenant: "", reply, accept: "json", attempt: 0 };
      add(model, errorFrame(caller, { epoch: epoch() }, refusal));
    },
    refuseRequest: (request, refusal) => {
      const { model, tenant, reply, accept, attempt } = request;
      const id = accept === "json" ? request.callerId : request.id;
      const spentMs = queuedMs(request, clock.monotonicMs());
      const timings = { queuedMs: spentMs, batchMs: 0, transferMs: 0, inferenceMs: 0, totalMs: spentMs };
      add(model, errorFrame({ id, tenant, reply, accept, attempt }, { epoch: epoch(), timings }, refusal));
      refusals.note(tenant, model, refusal);
    },
    flush,
  };
}
