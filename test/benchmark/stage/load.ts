import type { Client } from "@sluice/client";
import { drawExponential } from "@sluice/load-generator";
import { InferenceError, type Code } from "@sluice/protocol";
import type { Random } from "@sluice/runtime";
import type { Tags } from "./tags.ts";

/** What a caller saw of one of its calls. */
export interface CallRecord {
  readonly tag: number;
  /** When the call was due: a sender that is late makes no answer look early. */
  readonly sentMs: number;
  readonly latencyMs: number;
  /** `ok` only with the values that were sent. */
  readonly code: Code;
}

/** A tenant's calls of one model over one connection. */
export interface Caller {
  readonly client: Client;
  readonly tags: Tags;
  readonly model: string;
  /** Rows of each request; default 1. */
  readonly items?: number;
  readonly timeoutMs: number;
}

export interface RunningLoad {
  /** Sends no more, and resolves with all calls once none is open. */
  stop(): Promise<readonly CallRecord[]>;
}

/** Keeps so many calls open: whoever gets an answer asks again at once. */
export function keepWaiting(caller: Caller, openCount: number): RunningLoad {
  const calls = recordCalls(caller);
  let isStopping = false;
  const loops = Array.from({ length: openCount }, async () => {
    while (!isStopping) await calls.callOnce(performance.now());
  });
  return {
    async stop() {
      isStopping = true;
      await Promise.all(loops);
      return calls.records;
    },
  };
}

export interface PoissonOptions {
  readonly ratePerSecond: number;
  /** Calls made at each of the moments; they travel together. */
  readonly atOnce: number;
  readonly random: Random;
}

/** Calls at random moments, whatever becomes of the calls before. */
export function offerPoisson(caller: Caller, { ratePerSecond, atOnce, random }: PoissonOptions): RunningLoad {
  const calls = recordCalls(caller);
  const open = new Set<Promise<void>>();
  const drawGapMs = (): number => drawExponential((1000 * atOnce) / ratePerSecond, random);
  let dueMs = performance.now() + drawGapMs();
  let timer = setTimeout(sendDue, dueMs - performance.now());

  function callOnce(): void {
    const call = calls.callOnce(dueMs).finally(() => open.delete(call));
    open.add(call);
  }

  function sendDue(): void {
    // What falls due meanwhile is for the next turn: a sender that cannot keep up must not keep answers from being read.
    const nowMs = performance.now();
    for (; dueMs <= nowMs; dueMs += drawGapMs()) {
      for (let count = 0; count < atOnce; count++) callOnce();
    }
    timer = setTimeout(sendDue, dueMs - performance.now());
  }

  return {
    async stop() {
      clearTimeout(timer);
      await Promise.all(open);
      return calls.records;
    },
  };
}

interface RecordedCalls {
  readonly records: readonly CallRecord[];
  /** Never rejects. */
  callOnce(dueMs: number): Promise<void>;
}

function recordCalls({ client, tags, model: name, items = 1, timeoutMs }: Caller): RecordedCalls {
  const model = client.model(name);
  const records: CallRecord[] = [];
  return {
    records,
    async callOnce(sentMs) {
      const tag = tags.next(client.tenant);
      const input = { data: new Float64Array(items).fill(tag), shape: [items, 1] };
      let code: Code;
      try {
        const { outputs } = await model.infer({ input }, { timeoutMs });
        const values = outputs["input"]?.values();
        const isOwn = values?.length === items && values.every((value) => value === tag);
        code = isOwn ? "ok" : "internal";
      } catch (error) {
        code = InferenceError.from(error).code;
      }
      records.push({ tag, sentMs, latencyMs: performance.now() - sentMs, code });
    },
  };
}
