import { setTimeout as sleep } from "node:timers/promises";
import { shareOf, type Span } from "../../../simulation/measure/engine-log.ts";
import { cpuFigures, measureCpu, type CpuUse } from "../../stage/cpu-meter.ts";
import type { LoggedRun } from "../../stage/engine-log.ts";
import type { CallRecord, RunningLoad } from "../../stage/load.ts";
import type { Stage } from "../../stage/stage.ts";
import { firstRunMs, spanOfWorkerTime } from "./worker-time.ts";

export interface BacklogOptions {
  readonly loads: readonly RunningLoad[];
  /** Whose share is measured. */
  readonly tenant: string;
  /** The parts of the log that are looked at each for itself, such as that of one pool; default: all of it. */
  readonly parts?: readonly ((run: LoggedRun) => boolean)[];
  /** Worker time after which the shares of a part are measured, in milliseconds. */
  readonly workerMs: number;
  /** Slots of each part. */
  readonly slotCount: number;
}

export interface BacklogOutcome {
  /** The tenant's share of each part of the log, from its first run on, so that nothing is left out. */
  readonly shares: readonly number[];
  /** Worker time given for each second and slot, in the part that was used least; 1 = no slot was ever idle. */
  readonly leastUse: number;
  readonly cpu: CpuUse;
  readonly calls: readonly CallRecord[];
}

const pollMs = 250;
/** Time allowed beside that in which the slots could do the work if they were never idle. */
const spareTimeMs = 20_000;

/** Lets tenants wait until the engines have run long enough, ends their loads and reads the shares from the engines' log. */
export async function measureBacklogs(stage: Stage, options: BacklogOptions): Promise<BacklogOutcome> {
  const { loads, tenant, workerMs, slotCount, parts = [() => true] } = options;
  const spansOf = (log: readonly LoggedRun[]): (Span | undefined)[] =>
    parts.map((isPart) => {
      const runs = log.filter(isPart);
      return spanOfWorkerTime(runs, { fromMs: firstRunMs(runs), workerMs });
    });

  const readCpu = measureCpu();
  const giveUpMs = performance.now() + workerMs / slotCount + spareTimeMs;
  while (spansOf(await stage.engineLog()).includes(undefined)) {
    if (performance.now() > giveUpMs) throw new Error(`the engines have not run for ${workerMs} ms in time`);
    await sleep(pollMs);
  }
  const cpu = readCpu();
  const calls = (await Promise.all(loads.map((load) => load.stop()))).flat();
  // Read again once nothing runs: a run is logged when it ends, and some ran on beyond the end of a span.
  const log = await stage.engineLog();
  const spans = spansOf(log).filter((span) => span !== undefined);
  return {
    shares: spans.map((span, index) => shareOf(tenant, log.filter(parts[index] ?? (() => true)), span)),
    leastUse: Math.min(...spans.map(({ fromMs, untilMs }) => workerMs / ((untilMs - fromMs) * slotCount))),
    cpu,
    calls,
  };
}

/** What every scenario with backlogs reports beside its shares. */
export function loadFigures({ leastUse, cpu, calls }: BacklogOutcome): Record<string, number> {
  return {
    "part of the slots' time that engines ran": leastUse,
    "calls answered": calls.filter(({ code }) => code === "ok").length,
    "calls failed": calls.filter(({ code }) => code !== "ok" && code !== "canceled").length,
    ...cpuFigures(cpu),
  };
}
