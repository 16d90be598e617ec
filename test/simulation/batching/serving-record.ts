import type { BatchReason } from "@sluice/scheduling";
import type { Span } from "../measure/engine-log.ts";
import type { SimulatedRequest } from "../request.ts";
import { shapeOf } from "./serving-worker.ts";

/** What became of the requests of a pool that batches. */
export interface ServingRecord {
  /**
   * Part of the requests sent within a span whose callers had their answer in time; 1 where none was sent.
   * @param load - only those of the load of this index
   */
  onTimeRatio(span: Span, load?: number): number;
  /** Requests sent within a span that were answered in time. */
  onTimeCount(span: Span): number;
  readonly runCount: number;
  /** Items of a run, in the mean. */
  readonly meanItems: number;
  /** Part of the elements that engines worked on which were padding. */
  readonly paddingRatio: number;
  /** Part of the requests that ran whose answer came too late. */
  readonly uselessRatio: number;
  readonly reasons: ReadonlyMap<BatchReason, number>;
}

/** A record that is being written. */
export interface ServingRecorder extends ServingRecord {
  sent(request: SimulatedRequest): void;
  answered(request: SimulatedRequest, nowMs: number): void;
  ran(entries: readonly SimulatedRequest[]): void;
  planned(reason: BatchReason): void;
}

/** What is kept of a request. */
type Sent = Pick<SimulatedRequest, "sentMs" | "load">;

export function createServingRecorder(): ServingRecorder {
  const sent: Sent[] = [];
  const onTime: Sent[] = [];
  const reasons = new Map<BatchReason, number>();
  let runCount = 0;
  let ranCount = 0;
  let elements = 0;
  let paddedElements = 0;
  let lateCount = 0;

  const countIn = (requests: readonly Sent[], { fromMs, untilMs }: Span, load?: number): number => {
    let count = 0;
    for (const request of requests) {
      const isMeant = request.load === (load ?? request.load);
      if (isMeant && request.sentMs >= fromMs && request.sentMs < untilMs) count += 1;
    }
    return count;
  };

  return {
    onTimeRatio: (span, load) => {
      const sentCount = countIn(sent, span, load);
      return sentCount === 0 ? 1 : countIn(onTime, span, load) / sentCount;
    },
    onTimeCount: (span) => countIn(onTime, span),
    get runCount() {
      return runCount;
    },
    get meanItems() {
      return ranCount / runCount;
    },
    get paddingRatio() {
      return 1 - elements / paddedElements;
    },
    get uselessRatio() {
      return lateCount / ranCount;
    },
    reasons,
    sent: (request) => {
      sent.push(request);
    },
    answered: (request, nowMs) => {
      if (nowMs <= request.deadlineMs) onTime.push(request);
      else lateCount += 1;
    },
    ran: (entries) => {
      const { items, length } = shapeOf(entries);
      runCount += 1;
      ranCount += entries.length;
      elements += entries.reduce((sum, entry) => sum + entry.length, 0);
      paddedElements += items * length;
    },
    planned: (reason) => {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
  };
}
