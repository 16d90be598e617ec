import type { KeyValue } from "@sluice/messaging";
import {
  decodeBudgetRecord,
  encodeBudgetRecord,
  InferenceError,
  payerKey,
  type Payer,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { hasBudget, type BudgetReserve, type BudgetWrite, type Quota } from "@sluice/scheduling";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent } from "../event.ts";

/** The record of one payer's budgets in the bucket `sluice_budgets`, which follows its reserve. */
export interface BudgetLedger {
  /** Whether the record is being read or written, or left alone for a while since that failed. */
  readonly isBusy: boolean;
  /** Brings the record up to date, in the background; called whenever the reserve may have changed. */
  update(quota: Quota): void;
  /** Gives the reserve back to the record. What could not be given back is still there, unless it may have been written. Never rejects. */
  close(): Promise<void>;
}

export interface BudgetLedgerOptions {
  readonly payer: Payer;
  readonly reserve: BudgetReserve;
  /** The bucket `sluice_budgets`. */
  readonly bucket: KeyValue;
  readonly clock: Clock;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
}

/** After a failure the record is left alone for this long, in milliseconds. */
const retryMs = 1_000;
/** After so long the record of a spent budget is read again, in milliseconds: others may have given something back. */
const rereadMs = 2_000;
/** How often a write is tried at once while others write the same record: all dispatchers may give back at the same moment. */
const maxTries = 64;

export function createBudgetLedger(options: BudgetLedgerOptions): BudgetLedger {
  const { payer, reserve, bucket, clock, background, onEvent } = options;
  const key = payerKey(payer);
  /** Of the record as it was read or written last; `undefined` = not known, 0 = there is none. */
  let revision: number | undefined;
  let work: Promise<void> | undefined;
  /** Not before then is it tried again; -Infinity = the last try succeeded. */
  let retryAtMs = -Infinity;

  let readAtMs = -Infinity;

  const read = async (): Promise<number> => {
    readAtMs = clock.monotonicMs();
    const entry = await bucket.get(key);
    reserve.noteRead(entry && decodeBudgetRecord(entry.value), clock.nowMs());
    return entry?.revision ?? 0;
  };

  const write = async ({ record }: BudgetWrite, before: number): Promise<number | undefined> => {
    const value = encodeBudgetRecord(record);
    return before === 0 ? bucket.create(key, value) : bucket.update(key, value, before);
  };

  /** Writes what `next` says, again after whoever was faster. */
  const settle = async (next: () => BudgetWrite | undefined): Promise<void> => {
    try {
      for (let tryCount = 0; tryCount < maxTries; tryCount++) {
        revision ??= await read();
        const due = next();
        retryAtMs = -Infinity;
        if (due === undefined) return;
        reserve.noteWriting(due);
        revision = await write(due, revision);
        if (revision === undefined) reserve.noteUnwritten();
        else reserve.noteWritten();
      }
    } catch (error) {
      revision = undefined;
      if (isRefused(error)) reserve.noteUnwritten();
      reserve.noteFailure();
      if (retryAtMs === -Infinity) onEvent({ type: "budgetFailed", ...payer, error });
      retryAtMs = clock.monotonicMs() + retryMs;
    }
  };

  const start = async (next: () => BudgetWrite | undefined): Promise<void> => {
    work = settle(next);
    await work;
    work = undefined;
  };

  const isBusy = (): boolean => work !== undefined || clock.monotonicMs() < retryAtMs;

  /** Whether nothing more can be reserved, as far as was known a while ago. */
  const isStale = (quota: Quota): boolean => {
    if (clock.monotonicMs() - readAtMs < rereadMs) return false;
    const { shortOf } = reserve.shortage(quota, clock.nowMs());
    return shortOf === "dailyBudgetSeconds" || shortOf === "monthlyBudgetSeconds";
  };

  return {
    get isBusy() {
      return isBusy();
    },
    update: (quota) => {
      if (isBusy() || !hasBudget(quota)) return;
      if (isStale(quota)) revision = undefined;
      const next = (): BudgetWrite | undefined => reserve.nextWrite(quota, clock.nowMs());
      if (revision === undefined || next() !== undefined) background.start(() => start(next));
    },
    close: async () => {
      while (work !== undefined) await work;
      if (!reserve.isEmpty) await start(() => reserve.closingWrite(clock.nowMs()));
    },
  };
}

/** Whether the server said at once that JetStream is away: then nothing was written. */
function isRefused(error: unknown): boolean {
  return InferenceError.from(error).details?.["reason"] === "jetstreamUnavailable";
}
