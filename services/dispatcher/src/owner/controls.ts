import type { Message, Messaging } from "@sluice/messaging";
import {
  createRefusal,
  decodeControl,
  encodeControl,
  parseSubject,
  subjects,
  type Control,
  type Heartbeat,
  type StreamWindow,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Run } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Replies } from "./replies.ts";
import { createToldCancels } from "./told-cancels.ts";

/** Takes the messages of `cancel.<model>.<tenant>`: what waits is answered here, what runs is told to its worker. */
export interface Controls {
  take(message: Message): void;
  /** Looks again for the runs that were named and not known, after some were handed over or listed; called with every heartbeat of ours. */
  again(): void;
  /** Tells a worker again what it goes on with although it was told to end it. */
  heard(heartbeat: Pick<Heartbeat, "worker" | "batchIds">): void;
  /** Sends what names runs that are still not known to whoever owns the pool. */
  passOn(): void;
}

export interface ControlsOptions {
  readonly backlog: Backlog;
  readonly openRuns: OpenRuns;
  readonly replies: Replies;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  /** Whether runs of the pool may be open that are not known here yet: they are being handed over, or workers have not listed them. */
  readonly lacksRuns: () => boolean;
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

/** What a caller wants of its runs. */
interface Wish extends Pick<Control, "cancel" | "windows"> {
  readonly sender: Sender;
}

/** Most ids that are kept of runs that are not known yet: all are looked for again at every heartbeat. */
const maxKeptIds = 65_536;

/** Whether the run was open before it was known here. Another one that came later has its id by chance. */
function isInherited(run: Run): boolean {
  return run.kind === "listed" || run.arrival < 0;
}

function modelOf(run: Run): string | undefined {
  return run.kind === "request" ? run.model : run.batch?.model;
}

export function createControls(options: ControlsOptions): Controls {
  const { backlog, openRuns, replies, messaging, clock, onEvent } = options;
  const told = createToldCancels({ messaging });
  /** Of runs that are not known yet. */
  let kept: Wish[] = [];
  let keptIdCount = 0;

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
    told.note({ batch, reply, id }, clock.monotonicMs());
    forwardTo(forwards, batch, reply).cancel.push(id);
  };

  const forward = (forwards: ReadonlyMap<string, Forward>): void => {
    for (const { model, worker, reply, cancel: ids, windows: opened } of forwards.values()) {
      const payload = encodeControl({ kind: "control", reply, cancel: ids, windows: opened });
      messaging.publish(subjects.work(model, worker), payload);
    }
  };

  /** Fulfils what is about known runs and keeps the rest, where it may be about others. */
  const fulfil = (wish: Wish, mayCancel: (run: Run) => boolean): void => {
    const { sender } = wish;
    const forwards = new Map<string, Forward>();
    const ids = new Set(wish.cancel);
    for (const run of runsOf(sender, ids)) {
      if (mayCancel(run)) cancel(run, forwards);
      ids.delete(run.id);
    }
    const windows = new Map(wish.windows.map((window) => [window.id, window]));
    for (const { id, batch, reply } of runsOf(sender, new Set(windows.keys()))) {
      const window = windows.get(id);
      if (batch === undefined || window === undefined) continue;
      forwardTo(forwards, batch, reply).windows.push(window);
      windows.delete(id);
    }
    forward(forwards);
    const idCount = ids.size + windows.size;
    if (idCount === 0 || !options.lacksRuns() || keptIdCount + idCount > maxKeptIds) return;
    kept.push({ sender, cancel: [...ids], windows: [...windows.values()] });
    keptIdCount += idCount;
  };

  const takeKept = (): readonly Wish[] => {
    const taken = kept;
    kept = [];
    keptIdCount = 0;
    return taken;
  };

  return {
    take: (message) => {
      const subject = parseSubject(message.subject);
      if (subject?.kind !== "cancel") return;
      const { model, tenant } = subject;
      try {
        const { cancel: ids, windows } = decodeControl(message.payload);
        fulfil({ sender: { model, tenant, reply: message.reply }, cancel: ids, windows }, () => true);
      } catch (error) {
        onEvent({ type: "malformedMessage", subject: message.subject, error });
      }
    },
    again: () => {
      for (const wish of takeKept()) fulfil(wish, isInherited);
      told.sweep(clock.monotonicMs());
    },
    heard: told.again,
    passOn: () => {
      for (const { sender, cancel: ids, windows } of takeKept()) {
        const { model, tenant, reply } = sender;
        const payload = encodeControl({ kind: "control", cancel: ids, windows });
        messaging.publish(subjects.cancel(model, tenant), payload, { reply });
      }
    },
  };
}
