import type { ModelLatency, WorkerProfile } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { boundMs, type RunShape } from "@sluice/scheduling";

import type { ServedModel } from "../models/served-model.ts";
import type { WorkerEvent } from "../worker-event.ts";

/** Publishes what a worker serves and how long it takes. Disposal ends it. */
export interface ProfilePublisher extends Disposable {
  /** Publishes at once. */
  publish(): void;
  /** Looks at a model after its runs: publishes when others would plan differently, at most once in 250 ms. */
  check(model: ServedModel): void;
}

export interface ProfilePublisherOptions {
  readonly models: readonly ServedModel[];
  readonly clock: Clock;
  readonly send: (profile: Pick<WorkerProfile, "models" | "latencies">) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** A change of any prediction by more than this part is worth a message. */
const noticeableRatio = 0.05;

const shortestIntervalMs = 250;

export function createProfilePublisher({
  models,
  clock,
  send,
  onEvent,
}: ProfilePublisherOptions): ProfilePublisher {
  const said = new Map<string, ModelLatency>();
  /** What was looked at last: a curve is fitted once in several runs. */
  const checked = new Map<string, ModelLatency["curve"]>();
  let lastMs = -Infinity;
  let timer: Disposable | undefined;

  const publish = (): void => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    lastMs = clock.monotonicMs();
    const latencies: ModelLatency[] = [];
    for (const { name, latency } of models) {
      if (latency.latency === undefined) continue;
      const now = { model: name, ...latency.latency };
      latencies.push(now);
      if (isNoticeable(now, said.get(name), latency.shapes)) onEvent({ type: "latencyChanged", ...now });
      said.set(name, now);
    }
    send({ models: models.map(({ signature }) => signature), latencies });
  };

  return {
    publish,
    check: ({ name, latency }) => {
      const now = latency.latency;
      if (timer !== undefined || now === undefined || checked.get(name) === now.curve) return;
      checked.set(name, now.curve);
      if (!isNoticeable({ model: name, ...now }, said.get(name), latency.shapes)) return;
      timer = clock.schedule(Math.max(0, lastMs + shortestIntervalMs - clock.monotonicMs()), publish);
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}

/** Whether others would plan differently. Without a shape that has run, only what was never said is news. */
function isNoticeable(
  now: ModelLatency,
  before: ModelLatency | undefined,
  shapes: Iterable<RunShape>,
): boolean {
  if (before === undefined || isFar(now.drift, before.drift)) return true;
  if (isFar(now.elementsPerByte, before.elementsPerByte)) return true;
  for (const shape of shapes) if (isFar(boundMs(now, shape), boundMs(before, shape))) return true;
  return false;
}

function isFar(now: number, before: number): boolean {
  return Math.abs(now - before) > noticeableRatio * before;
}
