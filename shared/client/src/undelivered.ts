import { InferenceError } from "@sluice/protocol";
import type { OpenCall } from "./open-call.ts";
import type { Outage } from "./outage.ts";
import { listenMs, type Session } from "./session.ts";

/** Longest time for which a request that nobody takes is sent again. */
const maxOutageMs = 5000;

/**
 * Decides about a request that the server could deliver to nobody: the error to end it with, or `undefined` to send it again.
 *
 * - No pool announces the model, though all had time to: `notFound`, with the names there are.
 * - A pool announces it: sent again until min(timeout, 5 s), then `unavailable`; without retries at once.
 */
export function undeliveredError(
  call: OpenCall,
  { model, outage, session }: { readonly model: string; readonly outage: Outage; readonly session: Session },
): InferenceError | undefined {
  const nowMs = session.nowMs();
  if (!session.pools.isAnnounced(model, nowMs)) {
    return nowMs - session.listeningSinceMs >= listenMs ? notFound(model, session) : undefined;
  }
  const waitedMs = nowMs - Math.max(outage.sinceMs, call.startedMs);
  const isOver = waitedMs >= Math.min(call.request.timeoutMs, maxOutageMs);
  return isOver || session.options.retries === 0 ? nobodyTakes(model) : undefined;
}

/** The error for a request that nobody took. */
export function nobodyTakes(model: string): InferenceError {
  return new InferenceError("unavailable", `nobody takes requests for model "${model}" at the moment`, {
    details: { reason: "noResponders" },
  });
}

function notFound(model: string, session: Session): InferenceError {
  const models = [...new Set(session.pools.models(session.nowMs()).map(({ name }) => name))];
  const served = models.length === 0 ? "no model is served" : `served are ${models.join(", ")}`;
  return new InferenceError("notFound", `no pool serves model "${model}", ${served}`, {
    details: { models },
  });
}
