import { admitRequest, type AdmittedRequest, type InferenceRequest } from "@sluice/protocol";
import type { QueueEntry } from "@sluice/scheduling";

/** A request from its admission to its end at the owner. */
export interface Waiting {
  /** As the caller sent it. */
  readonly request: InferenceRequest;
  readonly reply: string;
  /** The caller's, or the default. */
  readonly timeoutMs: number;
  readonly attempt: number;
  /** The id the caller gave: `request.id`, or "" where it gave none and the owner made one. */
  readonly callerId: string;
}

export type WaitingEntry = QueueEntry<Waiting>;

/** Names a request at its owner: ids are unique for their caller only. */
export function requestKey(reply: string, id: string): string {
  return `${reply} ${id}`;
}

/** Time since the caller's call, in milliseconds. */
export function queuedMs(entry: WaitingEntry, nowMs: number): number {
  return entry.request.timeoutMs - (entry.deadlineMs - nowMs);
}

/** The request as it leaves the owner now. */
export function toAdmittedRequest(entry: WaitingEntry, nowMs: number): AdmittedRequest {
  const { request, reply, timeoutMs, attempt } = entry.request;
  const { tenant, items } = entry;
  return admitRequest(request, {
    tenant,
    reply,
    timeoutMs,
    queuedMs: queuedMs(entry, nowMs),
    items,
    attempt,
  });
}

/** What an admitted request needs beside itself to wait here. */
export interface Placement {
  readonly model: string;
  readonly arrival: number;
  readonly bytes: number;
  readonly maxBatchItems: number;
  readonly nowMs: number;
}

/** Makes an entry of a request that another owner admitted. */
export function fromAdmittedRequest(request: AdmittedRequest, placement: Placement): WaitingEntry {
  const { tenant, reply, timeoutMs, attempt, items } = request;
  return {
    key: requestKey(reply, request.id),
    tenant,
    model: placement.model,
    items,
    bytes: placement.bytes,
    deadlineMs: placement.nowMs + timeoutMs - request.queuedMs,
    arrival: placement.arrival,
    maxBatchItems: placement.maxBatchItems,
    request: { request, reply, timeoutMs, attempt, callerId: request.id },
  };
}
