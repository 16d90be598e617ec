import type { Payer } from "@sluice/protocol";
import * as fc from "fast-check";
import { createQuotaCircle, type QuotaCircle, type Spender } from "./quota-circle.ts";

/** Something that happens to dispatchers that spend the same quotas. */
export interface QuotaStep {
  readonly kind: StepKind;
  /** To which dispatcher, counted around. */
  readonly who: number;
  /** Says who sends a request and what it costs, what it did cost, or how long nothing happens. */
  readonly ms: number;
}

type StepKind = "request" | "end" | "pass" | "join" | "leave" | "kill" | "pause" | "resume";

/** What happens besides requests, their ends and time. */
export type Disturbance = Exclude<StepKind, "request" | "end" | "pass">;

/** Largest cost of a request, in worker-milliseconds. */
export const mostCostMs = 150;

const firstCount = 3;
export const mostDispatcherCount = 5;
/** A dispatcher that is silent for longer is taken for dead, and nobody knows whether what it wrote last was written. */
const mostPauseMs = 1_800;

export function quotaSteps(disturbances: readonly Disturbance[]): fc.Arbitrary<QuotaStep[]> {
  const work: readonly StepKind[] = [
    ...Array<StepKind>(12).fill("request"),
    ...Array<StepKind>(6).fill("end"),
    ...Array<StepKind>(6).fill("pass"),
  ];
  const step = fc.record({
    kind: fc.constantFrom<StepKind>(...work, ...disturbances),
    who: fc.nat(7),
    ms: fc.integer({ min: 1, max: 1000 }),
  });
  return fc.array(step, { minLength: 30, maxLength: 200, size: "max" });
}

export interface QuotaRun {
  readonly circle: QuotaCircle;
  /** Dispatchers that live, and do not leave. */
  readonly spenders: readonly Spender[];
  /** How often a dispatcher came, left or died, or stood still. */
  readonly disturbanceCount: number;
  readonly killCount: number;
  take(step: QuotaStep): Promise<void>;
  /** Lets everybody go on, ends all requests at their estimates, and waits until nobody has anything to report. */
  quiet(): Promise<void>;
  /** Lets all that live leave in order. */
  end(): Promise<void>;
}

/** Starts three dispatchers. A request is paid by one of `payersOf`, together. */
export async function startQuotaRun(
  options: Parameters<typeof createQuotaCircle>[0],
  payersOf: readonly (readonly Payer[])[],
): Promise<QuotaRun> {
  const circle = createQuotaCircle(options);
  const { clock } = circle;
  const spenders: Spender[] = [];
  const leaving = new Set<Promise<void>>();
  let joinCount = 0;
  let killCount = 0;
  let disturbanceCount = 0;
  let paused: { readonly spender: Spender; readonly sinceMs: number } | undefined;

  const join = async (): Promise<void> => {
    joinCount += 1;
    spenders.push(await circle.join(`d${joinCount}`));
  };
  const remove = (spender: Spender): void => void spenders.splice(spenders.indexOf(spender), 1);
  const leave = (spender: Spender): void => {
    const left = spender.leave();
    leaving.add(left);
    void left.then(() => leaving.delete(left));
  };
  const resume = async (): Promise<void> => {
    paused?.spender.resume();
    paused = undefined;
    await clock.settle();
  };
  const pass = async (passMs: number): Promise<void> => {
    if (paused !== undefined && clock.monotonicMs() + passMs - paused.sinceMs > mostPauseMs) await resume();
    await clock.advance(passMs);
  };

  const disturb = async (kind: Disturbance, spender: Spender): Promise<void> => {
    switch (kind) {
      case "join":
        if (spenders.length < mostDispatcherCount) await join();
        return;
      case "leave":
        // Whoever leaves waits for no answer of one that stands still: what is on its way there then is lost.
        await resume();
        if (spenders.length === 1) return;
        remove(spender);
        leave(spender);
        return;
      case "kill":
        await resume();
        if (spenders.length === 1) return;
        killCount += 1;
        remove(spender);
        spender.kill();
        return;
      case "pause":
        if (paused !== undefined || leaving.size > 0) return;
        paused = { spender, sinceMs: clock.monotonicMs() };
        spender.pause();
        return;
      case "resume":
        await resume();
    }
  };

  for (let count = 0; count < firstCount; count++) await join();
  await clock.advance(1000);

  return {
    circle,
    spenders,
    get disturbanceCount() {
      return disturbanceCount;
    },
    get killCount() {
      return killCount;
    },
    take: async ({ kind, who, ms }) => {
      const spender = spenders[who % spenders.length];
      if (spender === undefined) return;
      switch (kind) {
        case "request":
          spender.request(payersOf[ms % payersOf.length] ?? [], 1 + (ms % mostCostMs));
          return clock.settle();
        case "end":
          // Given up, cheaper than estimated, or as estimated.
          spender.end([0, 0.5, 1, 1][ms % 4] ?? 1);
          return clock.settle();
        case "pass":
          // Mostly short, so that messages meet; sometimes longer than anybody waits for anything.
          return pass(ms % 3 === 0 ? 3 * ms : ms % 60);
        case "join":
        case "leave":
        case "kill":
        case "pause":
        case "resume":
          disturbanceCount += 1;
          return disturb(kind, spender);
      }
    },
    quiet: async () => {
      await resume();
      for (const spender of spenders) while (spender.end(1));
      await clock.advance(60_000);
      await Promise.all(leaving);
    },
    end: async () => {
      const all = spenders.splice(0).map((spender) => spender.leave());
      await clock.advance(1000);
      await Promise.all(all);
    },
  };
}
