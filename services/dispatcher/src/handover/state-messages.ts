import {
  cutBySize,
  requestBytes,
  type AdmittedRequest,
  type HandoverShares,
  type HandoverState,
} from "@sluice/protocol";
import type { VirtualTime } from "@sluice/scheduling";
import type { OwnerContents } from "../owner/owner.ts";
import { stampQueuedMs, type OpenRequest, type Run } from "../owner/open-request.ts";

/** What every message of one hand-over says. */
export type HandoverParties = Pick<HandoverState, "successor" | "owner" | "epoch">;

export interface StateMessagesOptions {
  readonly parties: HandoverParties;
  readonly maxPayloadBytes: number;
  readonly nowMs: number;
}

/** Requests that lie together: a batch, or the lane of a model. */
type Section = Pick<HandoverState, "model" | "batchId" | "worker" | "requests">;

/** Virtual times in one message: with names of 64 bytes each they take less than half a megabyte. */
const virtualTimesPerMessage = 4_000;

/**
 * Cuts what an owner holds into hand-over messages: virtual times, then batches, so that a request that runs is known to run before its like
 * is queued, then the queue, lane by lane in order. The last one is marked; there is always at least one.
 */
export function toStateMessages(
  contents: OwnerContents,
  options: StateMessagesOptions,
): (HandoverShares | HandoverState)[] {
  const { parties, maxPayloadBytes, nowMs } = options;
  const shares = toShares(contents.virtualTimes, parties);
  const sections = [...toBatchSections(contents, nowMs), ...toLaneSections(contents, nowMs)];
  const cut = sections.flatMap((section) =>
    cutBySize(section.requests, requestBytes, maxPayloadBytes).packs.map((requests) => ({
      ...section,
      requests,
    })),
  );
  if (cut.length === 0) cut.push({ model: "", batchId: "", worker: "", requests: [] });
  const states = cut.map((section, index) => ({
    kind: "state" as const,
    ...parties,
    ...section,
    part: shares.length + index,
    last: index === cut.length - 1,
  }));
  return [...shares, ...states];
}

function toShares(virtualTimes: readonly VirtualTime[], parties: HandoverParties): HandoverShares[] {
  const shares: HandoverShares[] = [];
  for (let start = 0; start < virtualTimes.length; start += virtualTimesPerMessage) {
    const part = virtualTimes.slice(start, start + virtualTimesPerMessage);
    shares.push({ kind: "shares", ...parties, part: shares.length, virtualTimes: part });
  }
  return shares;
}

function toBatchSections({ batches }: OwnerContents, nowMs: number): Section[] {
  return batches.map(({ model, batchId, worker, runs }) => {
    const requests = runs.filter(isRequest);
    for (const request of requests) stampQueuedMs(request, nowMs);
    return { model, batchId, worker, requests };
  });
}

function toLaneSections({ waiting }: OwnerContents, nowMs: number): Section[] {
  const lanes = new Map<string, AdmittedRequest[]>();
  for (const request of waiting) {
    stampQueuedMs(request, nowMs);
    const lane = lanes.get(request.model);
    if (lane === undefined) lanes.set(request.model, [request]);
    else lane.push(request);
  }
  return [...lanes].map(([model, requests]) => ({ model, batchId: "", worker: "", requests }));
}

function isRequest(run: Run): run is OpenRequest {
  return run.kind === "request";
}
