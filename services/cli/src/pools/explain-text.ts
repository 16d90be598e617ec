import type { RequestReport, WaitingRequestReport } from "@sluice/protocol";
import { countOf, formatMs } from "./format-top.ts";

/** A request that is open, and where. */
export type FoundRequest = RequestReport["requests"][number] & { readonly pool: string };

/** Says in words where a request stands. */
export function explainText(id: string, found: FoundRequest): string {
  const { tenant, model, pool, attempt } = found;
  const whose = `request "${id}" of tenant "${tenant}"`;
  const again = attempt === 0 ? "" : ` (it was given to a worker ${countOf(attempt, "time")} before)`;
  if (found.state === "running") {
    const { worker, batchId, sinceMs } = found;
    return `${whose} runs: worker "${worker}" of pool "${pool}" has had it for ${formatMs(sinceMs)}, model "${model}", batch ${batchId}${again}\n`;
  }
  const { place, aheadCount, aheadMs } = found;
  const lines = [
    `${whose} waits in pool "${pool}" for model "${model}"${again}`,
    `place: ${place} of what waits of its tenant`,
    `ahead of it: ${countOf(aheadCount, "request")} of all tenants; with what runs now about ${formatMs(aheadMs)} of worker time`,
    expectation(found),
  ];
  if (found.isHeld) {
    lines.push(
      "its tenant or its group has as many requests in flight as it may: it waits for one of those too",
    );
  }
  return `${lines.join("\n  ")}\n`;
}

function expectation({ startInMs, timeLeftMs }: WaitingRequestReport): string {
  const left = `its timeout is over in ${formatMs(timeLeftMs)}`;
  if (startInMs === undefined)
    return `expected to start: nobody knows, the pool has no worker for it now; ${left}`;
  const late = startInMs > timeLeftMs ? ", too early for it" : "";
  return `expected to start: in about ${formatMs(startInMs)}, if nothing comes that goes before it; ${left}${late}`;
}
