import { InferenceError } from "@sluice/protocol";
import type { OpenCall } from "./open-call.ts";

/**
 * Readies a call for a connection that is lost, and with it whatever frames are on their way: what has come and its caller has
 * not seen is forgotten, since the request starts again with the connection. Tells whether it can: a stream of which the caller
 * has seen a part cannot, and would hang for as long as the connection is away.
 */
export function canOutliveConnection(call: OpenCall, { retries }: { readonly retries: number }): boolean {
  const { reader } = call;
  if (!reader.hasBegun) return true;
  if (reader.hasDelivered || retries === 0) return false;
  reader.restart();
  call.deadlineMs = call.timeLimitMs;
  return true;
}

/** The error for a stream that cannot. */
export function connectionLostError(): InferenceError {
  return new InferenceError("aborted", "the connection was lost, start the call again");
}
