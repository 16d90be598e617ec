import type { SimulatedRequest } from "../request.ts";
import type { Span } from "./engine-log.ts";

/** What happened to one tenant's requests. */
export interface TenantRecord {
  /** When requests reached the queue, in their order. */
  readonly arrivalsMs: readonly number[];
  /** From reaching the queue to leaving it, in the order of leaving. */
  readonly waitsMs: readonly number[];
  readonly answerCount: number;
  /** Answers that came before their deadline. */
  readonly onTimeCount: number;
  /** From sending to the answer, of requests sent within the span, in the order of the answers. */
  latenciesMs(span: Span): number[];
  /** Whether at least one request waited at every moment of the span. */
  isBackloggedThrough(span: Span): boolean;
}

/** A record that is being written. */
export interface TenantRecorder extends TenantRecord {
  added(nowMs: number): void;
  left(request: SimulatedRequest, nowMs: number): void;
  answered(request: SimulatedRequest, nowMs: number): void;
}

export function createTenantRecorder(): TenantRecorder {
  const arrivalsMs: number[] = [];
  const answers: { readonly sentMs: number; readonly latencyMs: number }[] = [];
  const waitsMs: number[] = [];
  /** Stretches in which none waited, in order; the last may still go on. */
  const idle: { fromMs: number; untilMs: number }[] = [{ fromMs: 0, untilMs: Infinity }];
  let waiting = 0;
  let onTimeCount = 0;

  /** One that begins and ends at the same moment was none. */
  const endSpell = (nowMs: number): void => {
    const spell = idle.at(-1);
    if (spell?.fromMs === nowMs) idle.pop();
    else if (spell !== undefined) spell.untilMs = nowMs;
  };

  return {
    arrivalsMs,
    waitsMs,
    get answerCount() {
      return answers.length;
    },
    get onTimeCount() {
      return onTimeCount;
    },
    latenciesMs: ({ fromMs, untilMs }) =>
      answers.filter(({ sentMs }) => sentMs >= fromMs && sentMs < untilMs).map(({ latencyMs }) => latencyMs),
    isBackloggedThrough: ({ fromMs, untilMs }) =>
      idle.every((spell) => spell.untilMs <= fromMs || spell.fromMs >= untilMs),
    added: (nowMs) => {
      arrivalsMs.push(nowMs);
      if (waiting === 0) endSpell(nowMs);
      waiting += 1;
    },
    left: (request, nowMs) => {
      waitsMs.push(nowMs - request.arrivedMs);
      waiting -= 1;
      if (waiting === 0) idle.push({ fromMs: nowMs, untilMs: Infinity });
    },
    answered: (request, nowMs) => {
      answers.push({ sentMs: request.sentMs, latencyMs: nowMs - request.sentMs });
      if (nowMs < request.deadlineMs) onTimeCount += 1;
    },
  };
}
