import type { Decoder, DecoderStep } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { createPromptBudget } from "./prompt-budget.ts";
import type { Sequence } from "./sequence.ts";
import type { Guest, Member } from "./step-members.ts";
import { createStepMembers } from "./step-members.ts";
import { planStep } from "./step-plan.ts";
import type { StepLimits } from "./step-room.ts";

/** Who asks for a token, and what ends the wait for it. */
export interface TokenAsker extends Guest {
  /** Only before the sequence has come into a step. */
  readonly notStarted: AbortSignal;
  /** At any time; the step that goes on is not stopped. */
  readonly ended: AbortSignal;
}

/**
 * Runs the sequences of one engine, many in each decode step. They join and leave between steps: whoever asks for a token
 * before a step begins is in it, as far as the limits allow.
 */
export interface StepLoop {
  /** How many more sequences may come; 0 once the engine has died. */
  readonly room: number;
  /**
   * Waits until the sequence has one token more. The sequence is charged for its part of every step as it passes. It comes in
   * with its first call; where there is no place for it, the sequence that has been parked the longest, of the tenant that has
   * the most of those, is expelled with `resourceExhausted`.
   * @throws the reason of a signal once it aborts.
   * @throws {InferenceError} `internal` when the model cannot take the sequence; `unavailable` when the engine has died.
   */
  next(sequence: Sequence, asker: TokenAsker): Promise<void>;
  /** Lets the sequence go, if it is here; not to be called while it asks. */
  leave(sequence: Sequence): void;
  /** Resolves once no step runs and nothing is left to do. */
  idle(): Promise<void>;
}

/** What a step loop tells. */
export type StepLoopEvent =
  /** A sequence is in a step for the first time; how many steps ended since it came. */
  | { readonly type: "sequenceJoined"; readonly waitedSteps: number }
  /** One that was in a step before has left. */
  | { readonly type: "sequenceLeft" }
  | {
      readonly type: "stepRan";
      readonly sequenceCount: number;
      /** Tokens of prompts that were read. */
      readonly promptTokens: number;
      readonly generatedTokens: number;
      readonly inferenceMs: number;
      readonly transferMs: number;
    };

export interface StepLoopOptions {
  readonly decoder: Decoder;
  readonly limits: StepLimits;
  readonly clock: Clock;
  /** Called when the room may have changed. */
  readonly onChange: () => void;
  /** Called once, when the engine has refused a step: it takes no more. */
  readonly onDead: () => void;
  readonly onEvent: (event: StepLoopEvent) => void;
}

/** Ends the wait of a sequence for its token. */
interface Ask {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Creates the loop of an engine. It runs while there is something to do. */
export function createStepLoop(options: StepLoopOptions): StepLoop {
  const { decoder, limits, clock, onChange, onEvent } = options;
  const members = createStepMembers(limits);
  const asks = new Map<Member, Ask>();
  const prompts = createPromptBudget();
  let endedSteps = 0;
  let toldRoom = Infinity;
  let death: InferenceError | undefined;
  let running: Promise<void> | undefined;

  const tellRoom = (): void => {
    const { room } = members;
    if (room === toldRoom) return;
    toldRoom = room;
    onChange();
  };

  /** Who is in the next step, with what each reads; nobody while nobody asks. */
  const plan = (): PlannedRow[] => {
    const { running: taking, joined } = members.admit();
    for (const { sequence, entryStep } of joined) {
      sequence.start(clock.monotonicMs());
      onEvent({ type: "sequenceJoined", waitedSteps: endedSteps - entryStep });
    }
    tellRoom();
    const unread = taking.map(({ sequence, seenCount }) => ({
      unreadCount: sequence.tokens.length - seenCount,
    }));
    const counts = planStep(unread, prompts.tokens);
    return taking.map((member, index) => {
      const { sequence, seenCount } = member;
      return { member, tokens: sequence.tokens.slice(seenCount, seenCount + (counts[index] ?? 0)) };
    });
  };

  const step = async (rows: readonly PlannedRow[], forgotten: readonly number[]): Promise<void> => {
    const done = await decoder.step({
      rows: rows.map(({ member, tokens }) => ({ sequence: member.id, tokens })),
      forgotten,
    });
    endedSteps += 1;
    if (rows.length === 0) return;
    const generatedTokens = settle(rows, done);
    let promptTokens = 0;
    for (const { tokens } of rows) promptTokens += tokens.length > 1 ? tokens.length : 0;
    const { inferenceMs, transferMs } = done;
    prompts.observe({ promptTokens, inferenceMs });
    onEvent({
      type: "stepRan",
      sequenceCount: rows.length,
      promptTokens,
      generatedTokens,
      inferenceMs,
      transferMs,
    });
  };

  /** Gives each row what it got, unless its sequence has left meanwhile. Returns how many got a token. */
  const settle = (rows: readonly PlannedRow[], { outcomes, ...times }: DecoderStep): number => {
    let generatedTokens = 0;
    for (const [index, { member, tokens }] of rows.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || !members.has(member)) continue;
      if (outcome.kind === "failed") {
        asks.get(member)?.reject(outcome.error);
        continue;
      }
      const { sequence } = member;
      const part = times.inferenceMs === 0 ? 0 : outcome.inferenceMs / times.inferenceMs;
      sequence.charge({ inferenceMs: outcome.inferenceMs, transferMs: part * times.transferMs });
      member.seenCount += tokens.length;
      if (member.seenCount < sequence.tokens.length) continue;
      sequence.append(outcome.token);
      generatedTokens += 1;
      asks.get(member)?.resolve();
    }
    return generatedTokens;
  };

  const run = async (): Promise<void> => {
    try {
      for (;;) {
        // Who got a token asks for the next one, and messages are read.
        await afterRead(clock);
        const rows = plan();
        const forgotten = members.takeForgotten();
        if (rows.length === 0 && forgotten.length === 0) return;
        await step(rows, forgotten);
      }
    } catch (thrown) {
      death = InferenceError.from(thrown);
      for (const ask of asks.values()) ask.reject(death);
      options.onDead();
    } finally {
      running = undefined;
    }
  };

  const wake = (): void => {
    if (death === undefined) running ??= run();
  };

  const open = (member: Member, { notStarted, ended }: TokenAsker): Promise<void> =>
    new Promise((resolve, reject) => {
      const onNotStarted = (): void => {
        if (member.state === "waiting") close(() => reject(notStarted.reason));
      };
      const onEnded = (): void => close(() => reject(ended.reason));
      const close = (settled: () => void): void => {
        notStarted.removeEventListener("abort", onNotStarted);
        ended.removeEventListener("abort", onEnded);
        asks.delete(member);
        member.isAsking = false;
        settled();
      };
      notStarted.addEventListener("abort", onNotStarted);
      ended.addEventListener("abort", onEnded);
      member.isAsking = true;
      asks.set(member, { resolve: () => close(resolve), reject: (reason) => close(() => reject(reason)) });
    });

  const leave = (sequence: Sequence): void => {
    if (!members.leave(sequence)) return;
    if (sequence.startedMs !== undefined) onEvent({ type: "sequenceLeft" });
    wake();
    tellRoom();
  };

  /** Makes place for one more. */
  const makePlace = (): void => {
    const expelled = members.inTheWay;
    if (expelled === undefined) return;
    leave(expelled.sequence);
    expelled.expel(
      new InferenceError(
        "resourceExhausted",
        "the stream waited for its reader, and its place was needed for another",
      ),
    );
  };

  return {
    get room() {
      return death === undefined ? members.room : 0;
    },
    next: async (sequence, asker) => {
      if (death !== undefined) throw death;
      asker.ended.throwIfAborted();
      if (sequence.startedMs === undefined) {
        asker.notStarted.throwIfAborted();
        makePlace();
      }
      const { tenant, expel } = asker;
      const member = members.of(sequence, endedSteps, { tenant, expel });
      const token = open(member, asker);
      wake();
      if (member.state === "waiting") tellRoom();
      await token;
    },
    leave,
    idle: async () => {
      await running;
    },
  };
}

/** A row of a step that is being prepared or runs. */
interface PlannedRow {
  readonly member: Member;
  readonly tokens: readonly number[];
}

async function afterRead(clock: Clock): Promise<void> {
  await new Promise<void>((resolve) => {
    clock.afterRead(resolve);
  });
}
