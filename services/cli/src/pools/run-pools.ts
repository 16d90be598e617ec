import { InferenceError, type PoolReport } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { formatJson, formatTable } from "../format-table.ts";
import { openMessaging } from "../open-messaging.ts";
import { askPool } from "./ask-owner.ts";
import { readPools, type KnownPool } from "./known-pools.ts";

/** The options of `sluice pools`. */
export interface PoolsFlags {
  readonly nats?: string;
  readonly json?: boolean;
}

/** A pool as its record and its owner tell of it. */
interface SeenPool extends KnownPool {
  /** `undefined` where nobody answers. */
  readonly report: PoolReport | undefined;
  /** Why nobody does; "" where somebody does. */
  readonly problem: string;
}

/** Prints all pools; those whose owner does not answer too. */
export async function runPools(context: CliContext, flags: PoolsFlags): Promise<void> {
  await using messaging = await openMessaging(context, flags);
  const known = await readPools(messaging);
  const seen = await Promise.all(
    known.map(async (each): Promise<SeenPool> => {
      try {
        return { ...each, report: await askPool(messaging, each.pool), problem: "" };
      } catch (error) {
        return { ...each, report: undefined, problem: InferenceError.from(error).message };
      }
    }),
  );
  context.print(flags.json === true ? formatJson(seen.map(toJson)) : formatRows(seen));
  if (flags.json !== true) for (const { problem } of seen) if (problem !== "") context.note(problem);
}

const headings = ["pool", "owner", "epoch", "state", "workers", "models", "queued", "in flight", "useless"];

function formatRows(seen: readonly SeenPool[]): string {
  const rows = seen.map(({ pool, record, report }) => [
    pool,
    report?.owner ?? record.owner,
    String(report?.epoch ?? record.epoch),
    record.state,
    ...(report === undefined
      ? ["-", "-", "-", "-", "-"]
      : [
          String(report.workerCount),
          report.models.map(({ name }) => name).join(", "),
          String(report.queuedCount),
          String(report.inFlightCount),
          report.uselessRatio === undefined ? "-" : `${(100 * report.uselessRatio).toFixed(1)} %`,
        ]),
  ]);
  return formatTable([headings, ...rows]);
}

function toJson({ pool, record, report, problem }: SeenPool): object {
  if (report === undefined) return { pool, ...record, problem };
  const { owner, epoch, workerCount, models, queuedCount, inFlightCount, uselessRatio } = report;
  const { state } = record;
  return { pool, owner, epoch, state, workerCount, models, queuedCount, inFlightCount, uselessRatio };
}
