import type { NatsConnection } from "nats";

/** Subjects of the server that runs batches picked by hand; numbers travel as text. */
export const handPickedSubjects = {
  infer: "hand-picked.infer",
  batchItems: "hand-picked.batch-items",
  engineOnly: "hand-picked.engine-only",
};

/** What a benchmark asks of that server. */
export interface HandPicked {
  /** @throws {Error} when its run failed. */
  infer(bytes: Uint8Array): Promise<Uint8Array>;
  setBatchItems(count: number): Promise<void>;
  /** Rows a second of its engine with no messages and no preparation, from inputs that were asked before. */
  measureEngine(windowMs: number): Promise<number>;
}

/** Far longer than any answer takes. */
const timeoutMs = 60_000;

/** Creates this side of the server: requests as the NATS client makes them. */
export function createHandPicked(connection: NatsConnection): HandPicked {
  const call = async (subject: string, payload: Uint8Array): Promise<Uint8Array> =>
    (await connection.request(subject, payload, { timeout: timeoutMs })).data;
  const ask = (subject: string, count: number): Promise<Uint8Array> =>
    call(subject, new TextEncoder().encode(String(count)));
  return {
    infer: async (bytes) => {
      const answer = await call(handPickedSubjects.infer, bytes);
      if (answer.length === 0) throw new Error("the run failed");
      return answer;
    },
    setBatchItems: async (count) => void (await ask(handPickedSubjects.batchItems, count)),
    measureEngine: async (windowMs) =>
      (1000 * parseCount(await ask(handPickedSubjects.engineOnly, windowMs))) / windowMs,
  };
}

/** @throws {Error} when it is no number above 0. */
export function parseCount(bytes: Uint8Array): number {
  const count = Number(new TextDecoder().decode(bytes));
  if (!(count > 0)) throw new Error(`expected a number above 0, got ${count}`);
  return count;
}
