import type { Message, Messaging } from "@sluice/messaging";
import {
  decodeControl,
  encodeControl,
  InferenceError,
  parseSubject,
  subjects,
  type Control,
  type StreamWindow,
} from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Batches } from "./batches.ts";
import type { Replies } from "./replies.ts";
import { requestKey } from "./waiting.ts";

/** Takes the messages of `cancel.<model>.<tenant>`: what waits is answered here, what runs is told to its worker. */
export interface Controls {
  take(message: Message): void;
}

export interface ControlsOptions {
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly replies: Replies;
  readonly messaging: Messaging;
  readonly onEvent: OnDispatcherEvent;
}

/** What goes on to one worker for one model. */
interface Forward {
  readonly model: string;
  readonly worker: string;
  readonly cancel: string[];
  readonly windows: StreamWindow[];
}

/** Whose ids a message names. */
interface Sender {
  readonly model: string;
  readonly tenant: string;
  /** The reply subject that the requests were sent with; "" = any of the tenant's. */
  readonly reply: string;
}

export function createControls(options: ControlsOptions): Controls {
  const { backlog, batches, replies, messaging, onEvent } = options;

  /** Keys of the sender's open requests with one of `ids`. Without a reply subject it has to look through all of them, once a message. */
  const keysOf = (sender: Sender, ids: ReadonlySet<string>): string[] => {
    if (sender.reply !== "") return [...ids].map((id) => requestKey(sender.reply, id));
    const keys: string[] = [];
    for (const { tenant, model, key, request } of backlog.entries()) {
      if (tenant === sender.tenant && model === sender.model && ids.has(request.request.id)) keys.push(key);
    }
    for (const batch of batches.all()) {
      if (batch.model !== sender.model) continue;
      for (const [key, run] of batch.runs) {
        if (run.tenant === sender.tenant && ids.has(run.id)) keys.push(key);
      }
    }
    return keys;
  };

  /**
   * Whether an id means one run of the worker only. Ids are unique for a caller, and a worker has runs of many: an ambiguous
   * one is not forwarded, so that nobody ends somebody else's run.
   */
  const isUnambiguous = (worker: string, id: string): boolean => {
    let count = 0;
    for (const batch of batches.of(worker)) {
      for (const run of batch.runs.values()) if (run.id === id) count += 1;
    }
    return count === 1;
  };

  const forwardTo = (forwards: Map<string, Forward>, { model, worker }: Batch): Forward => {
    const key = `${model} ${worker}`;
    let forward = forwards.get(key);
    if (forward === undefined) {
      forward = { model, worker, cancel: [], windows: [] };
      forwards.set(key, forward);
    }
    return forward;
  };

  const cancel = (key: string, forwards: Map<string, Forward>): void => {
    const waiting = backlog.remove(key);
    if (waiting !== undefined) {
      replies.refuseEntry(waiting, new InferenceError("canceled", "the caller gave the request up"));
      return;
    }
    const open = batches.find(key);
    if (open === undefined) return;
    open.run.isCanceled = true;
    const { id } = open.run;
    if (isUnambiguous(open.batch.worker, id)) forwardTo(forwards, open.batch).cancel.push(id);
  };

  const apply = (control: Control, sender: Sender): void => {
    const forwards = new Map<string, Forward>();
    for (const key of keysOf(sender, new Set(control.cancel))) cancel(key, forwards);
    const windows = new Map(control.windows.map((window) => [window.id, window]));
    for (const key of keysOf(sender, new Set(windows.keys()))) {
      const open = batches.find(key);
      const window = open === undefined ? undefined : windows.get(open.run.id);
      if (open === undefined || window === undefined || !isUnambiguous(open.batch.worker, window.id))
        continue;
      forwardTo(forwards, open.batch).windows.push(window);
    }
    for (const { model, worker, cancel: ids, windows: opened } of forwards.values()) {
      const payload = encodeControl({ kind: "control", cancel: ids, windows: opened });
      messaging.publish(subjects.work(model, worker), payload);
    }
  };

  return {
    take: (message) => {
      const subject = parseSubject(message.subject);
      if (subject?.kind !== "cancel") return;
      const { model, tenant } = subject;
      try {
        apply(decodeControl(message.payload), { model, tenant, reply: message.reply });
      } catch (error) {
        onEvent({ type: "malformedMessage", subject: message.subject, error });
      }
    },
  };
}
