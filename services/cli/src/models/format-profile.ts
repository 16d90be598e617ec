import type { ModelReport, WorkerLatencyReport } from "@sluice/protocol";
import { formatTable } from "../format-table.ts";
import { type ChosenSizes, shownTimeoutsMs } from "./choose-sizes.ts";

/** A model of one pool. */
export interface FoundModel {
  readonly pool: string;
  readonly report: ModelReport;
}

/** How long a model takes and what follows from it, for people. */
export function formatProfile({ pool, report }: FoundModel, sizes: readonly ChosenSizes[]): string {
  if (report.isIterative === true) return formatGenerating({ pool, report });
  const { model, version, maxBatchSize, workers } = report;
  const title = `model ${model} (version ${version}), pool ${pool}, at most ${maxBatchSize} items a batch`;
  const curves = formatTable([
    ["worker", "fixed ms", "each element", "each pair", "margin", "drift"],
    ...workers.map(workerRow),
  ]);
  if (sizes.length === 0) return `${title}\n${curves}`;
  const chosen = formatTable([
    ["worker", "length", ...shownTimeoutsMs.map((timeoutMs) => `${timeoutMs} ms`)],
    ...sizes.map(({ worker, length, items }) => [worker, String(length), ...items.map(formatItems)]),
  ]);
  return `${title}\n${curves}\nitems of a batch, where callers allow so much (- = too little for any answer):\n${chosen}`;
}

/** What there is to say of a model that generates. */
function formatGenerating({ pool, report }: FoundModel): string {
  const { model, version, workers, costPerItemMs } = report;
  const cost =
    costPerItemMs === undefined
      ? "no request of it has run yet"
      : `a request took ${formatNumber(costPerItemMs)} ms of a worker's time of late`;
  return (
    `model ${model} (version ${version}), pool ${pool}, generates: how long it takes depends on prompts and on how\n` +
    `many tokens are asked for, so it has no curve. The timings of each answer tell what its tokens took.\n` +
    `${cost}; workers: ${workers.map(({ worker }) => worker).join(", ") || "none"}\n`
  );
}

function workerRow({ worker, latency }: WorkerLatencyReport): string[] {
  if (latency === undefined) return [worker, "not measured yet"];
  const { curve, margin, drift } = latency;
  return [
    worker,
    formatNumber(curve.fixedMs),
    formatNumber(curve.perElementMs),
    formatNumber(curve.perPairMs),
    margin.toFixed(2),
    drift.toFixed(2),
  ];
}

function formatItems(items: number): string {
  return items === 0 ? "-" : String(items);
}

/** Three digits that say something: from seconds down to nanoseconds. */
function formatNumber(value: number): string {
  return value === 0 ? "0" : value.toPrecision(3);
}
