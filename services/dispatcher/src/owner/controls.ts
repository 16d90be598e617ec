import type { Message, Messaging } from "@sluice/messaging";
import {
  createRefusal,
  decodeControl,
  encodeControl,
  parseSubject,
  subjects,
  type Control,
  type StreamWindow,
} from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Run } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Replies } from "./replies.ts";

/** Takes the messages of `cancel.<model>.<tenant>`: what waits is answered here, what runs is told to its worker. */
export interface Controls {
  take(message: Message): void;
}

export interface ControlsOptions {
  readonly backlog: Backlog;
  readonly openRuns: OpenRuns;
  readonly replies: Replies;
  readonly messaging: Messaging;
  readonly onEvent: OnDispatcherEvent;
}

/** What goes on to one worker for one model, of one caller's requests: ids are unique for a caller only. */
interface Forward {
  readonly model: string;
  readonly worker: string;
  readonly reply: string;
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

function modelOf(run: Run): string | undefined {
  return run.kind === "request" ? run.model : run.batch?.model;
}

export function createControls(options: ControlsOptions): Controls {
  const { backlog, openRuns, replies, messaging, onEvent } = options;

  /** The sender's open requests with one of `ids`. */
  const runsOf = ({ model, tenant, reply }: Sender, ids: ReadonlySet<string>): Run[] => {
    const runs = [...ids].flatMap((id) =>
      reply === "" ? openRuns.withId(id) : (openRuns.find(reply, id) ?? []),
    );
    return runs.filter((run) => run.tenant === tenant && (reply !== "" || modelOf(run) === model));
  };

  const forwardTo = (forwards: Map<string, Forward>, { model, worker }: Batch, reply: string): Forward => {
    const key = `${model} ${worker} ${reply}`;
    let forward = forwards.get(key);
    if (forward === undefined) {
      forward = { model, worker, reply, cancel: [], windows: [] };
      forwards.set(key, forward);
    }
    return forward;
  };

  const cancel = (run: Run, forwards: Map<string, Forward>): void => {
    if (run.kind === "request" && backlog.remove(run)) {
      replies.refuseRequest(run, createRefusal("canceled", "the caller gave the request up"));
      return;
    }
    const { batch, id, reply } = run;
    if (batch === undefined) return;
    run.isCanceled = true;
    forwardTo(forwards, batch, reply).cancel.push(id);
  };

  const apply = (control: Control, sender: Sender): void => {
    const forwards = new Map<string, Forward>();
    for (const run of runsOf(sender, new Set(control.cancel))) cancel(run, forwards);
    const windows = new Map(control.windows.map((window) => [window.id, window]));
    for (const { id, batch, reply } of runsOf(sender, new Set(windows.keys()))) {
      const window = windows.get(id);
      if (batch === undefined || window === undefined) continue;
      forwardTo(forwards, batch, reply).windows.push(window);
    }
    for (const { model, worker, reply, cancel: ids, windows: opened } of forwards.values()) {
      const payload = encodeControl({ kind: "control", reply, cancel: ids, windows: opened });
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
