import { InferenceError } from "@sluice/protocol";
import type { OpenCall } from "./open-call.ts";
import { nobodyTakes } from "./undelivered.ts";

/** The error for a call that is given up since its time is over: why no answer came, as far as this process can tell. */
export function expiredError(
  call: OpenCall,
  { model, isConnected }: { readonly model: string; readonly isConnected: boolean },
): InferenceError {
  if (call.deadlineMs !== call.timeLimitMs) {
    return new InferenceError("aborted", "frames of the stream were lost, start the call again");
  }
  const message = `no answer within ${Math.round(call.timeLimitMs - call.startedMs)} ms`;
  if (!isConnected) {
    const details = { reason: "disconnected" };
    return new InferenceError("unavailable", `${message}: the connection to NATS is lost`, { details });
  }
  return call.isInDoubt ? nobodyTakes(model) : new InferenceError("deadlineExceeded", message);
}
