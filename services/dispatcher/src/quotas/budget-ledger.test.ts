import type { KeyValue } from "@sluice/messaging";
import { buckets, decodeBudgetRecord, type BudgetRecord } from "@sluice/protocol";
import { createHomeAccount, toQuota, type BudgetReserve, type Quota } from "@sluice/scheduling";
import { collectEvents, createFakeClock, createMemoryNats, type EventCollector } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createBackground } from "../background.ts";
import type { DispatcherEvent } from "../event.ts";
import { createBudgetLedger, type BudgetLedger } from "./budget-ledger.ts";

/** A piece of it is 500 ms. */
const quota = budgetOf(10);
/** What the test clock begins with. */
const day = "2026-01-01";

function budgetOf(dailyBudgetSeconds: number): Quota {
  const quota = toQuota({ dailyBudgetSeconds });
  if (quota === undefined) throw new Error("a budget limits");
  return quota;
}

interface Home {
  readonly reserve: BudgetReserve;
  readonly ledger: BudgetLedger;
  readonly leasableMs: number;
  readonly events: EventCollector<DispatcherEvent>;
}

interface Setting {
  /** Lets run what was begun, and time pass. */
  advance(durationMs: number): Promise<void>;
  setJetStreamAvailable(isAvailable: boolean): void;
  record(): Promise<BudgetRecord | undefined>;
  home(bucket?: KeyValue): Promise<Home>;
  bucket(): Promise<KeyValue>;
}

function aSetting(): Setting {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const openBucket = async (): Promise<KeyValue> => nats.connect().keyValue(buckets.budgets);
  return {
    advance: clock.advance,
    setJetStreamAvailable: nats.setJetStreamAvailable,
    record: async () => {
      const entry = await (await openBucket()).get("acme");
      return entry && decodeBudgetRecord(entry.value);
    },
    bucket: openBucket,
    home: async (given) => {
      const reserve = createHomeAccount().budget;
      const background = createBackground((error) => {
        throw error;
      });
      const events = collectEvents<DispatcherEvent>();
      const { onEvent } = events;
      const bucket = given ?? (await openBucket());
      const ledger = createBudgetLedger({
        payer: { of: "tenant", name: "acme" },
        reserve,
        bucket,
        clock,
        background,
        onEvent,
      });
      return {
        reserve,
        ledger,
        events,
        get leasableMs() {
          return reserve.leasableMs(quota, clock.nowMs());
        },
      };
    },
  };
}

describe("createBudgetLedger()", () => {
  test("reserves a piece, and the next when little of it is left", async () => {
    const setting = aSetting();
    const home = await setting.home();
    home.ledger.update(quota);
    expect(home.ledger.isBusy).toBe(true);
    await setting.advance(0);
    expect(home.ledger.isBusy).toBe(false);
    expect(home.leasableMs).toBe(500);
    home.reserve.take(400);
    home.ledger.update(quota);
    await setting.advance(0);
    expect(home.leasableMs).toBe(500);
    expect(await setting.record()).toEqual({ day, daySpentMs: 900, monthSpentMs: 900 });
  });

  test("reserves nothing twice where two homes write at a time", async () => {
    const setting = aSetting();
    const homes = [await setting.home(), await setting.home(), await setting.home()];
    let takenMs = 0;
    for (let round = 0; round < 10; round++) {
      for (const { ledger } of homes) ledger.update(quota);
      await setting.advance(0);
      for (const home of homes) {
        takenMs += home.leasableMs;
        home.reserve.take(home.leasableMs);
      }
      expect(await setting.record()).toMatchObject({ daySpentMs: takenMs });
    }
    expect(takenMs).toBe(10_000);
  });

  test("gives back what it reserved, after whoever wrote meanwhile", async () => {
    const setting = aSetting();
    const [one, other] = [await setting.home(), await setting.home()];
    one.ledger.update(quota);
    await setting.advance(0);
    one.reserve.take(120);
    other.ledger.update(quota);
    await setting.advance(0);
    await Promise.all([one.ledger.close(), setting.advance(0)]);
    expect(await setting.record()).toMatchObject({ daySpentMs: 620, monthSpentMs: 620 });
  });

  test("gives back to the last millisecond where many do at the same moment", async () => {
    const setting = aSetting();
    const homes = await Promise.all(Array.from({ length: 10 }, () => setting.home()));
    for (const { ledger, reserve } of homes) {
      ledger.update(quota);
      await setting.advance(0);
      reserve.take(10);
    }
    const closed = homes.map(({ ledger }) => ledger.close());
    await Promise.all([...closed, setting.advance(0)]);
    expect(await setting.record()).toMatchObject({ daySpentMs: 100 });
  });

  test("spends nothing twice where nobody knows whether what is given back was written", async () => {
    const setting = aSetting();
    const bucket = await setting.bucket();
    let isAnswerLost = false;
    const home = await setting.home({
      ...bucket,
      update: async (key, value, revision) => {
        const written = await bucket.update(key, value, revision);
        if (isAnswerLost) throw new Error("no answer came");
        return written;
      },
    });
    home.ledger.update(quota);
    await setting.advance(0);
    home.reserve.take(400);
    home.ledger.update(quota);
    await setting.advance(0);
    isAnswerLost = true;
    home.reserve.take(-600);
    home.ledger.update(quota);
    await setting.advance(0);
    expect(await setting.record()).toMatchObject({ daySpentMs: 300 });
    expect(home.leasableMs).toBe(500);
  });

  test("finds what others gave back of a budget that was spent, within two seconds", async () => {
    const setting = aSetting();
    const [one, other] = [await setting.home(), await setting.home()];
    one.ledger.update(budgetOf(1));
    await setting.advance(0);
    other.reserve.take(950);
    other.ledger.update(budgetOf(1));
    await setting.advance(0);
    other.reserve.take(other.leasableMs);
    await Promise.all([one.ledger.close(), setting.advance(0)]);
    other.ledger.update(budgetOf(1));
    await setting.advance(2000);
    expect(other.leasableMs).toBe(0);
    other.ledger.update(budgetOf(1));
    await setting.advance(0);
    expect(other.leasableMs).toBe(50);
  });

  test("says once that the record cannot be written, and tries again after a second", async () => {
    const setting = aSetting();
    const home = await setting.home();
    setting.setJetStreamAvailable(false);
    for (let count = 0; count < 5; count++) {
      home.ledger.update(quota);
      await setting.advance(500);
    }
    expect(home.events.count("budgetFailed")).toBe(1);
    setting.setJetStreamAvailable(true);
    await setting.advance(1000);
    home.ledger.update(quota);
    await setting.advance(0);
    expect(home.leasableMs).toBe(500);
  });

  test("closes while JetStream is away, and loses its reserve", async () => {
    const setting = aSetting();
    const home = await setting.home();
    home.ledger.update(quota);
    await setting.advance(0);
    setting.setJetStreamAvailable(false);
    await Promise.all([home.ledger.close(), setting.advance(0)]);
    setting.setJetStreamAvailable(true);
    expect(await setting.record()).toMatchObject({ daySpentMs: 500 });
  });
});
