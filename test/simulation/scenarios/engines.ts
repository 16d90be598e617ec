import { oneByOne, type Engine } from "../engine.ts";

/** The engines that the bars are stated for. */
export const engines = {
  "10 ms": oneByOne(10),
  "50 ms": oneByOne(50),
  "5 + n ms, up to 8": { runMs: 5, requestMs: 1, maxBatchItems: 8 },
  "5 + n ms, up to 32": { runMs: 5, requestMs: 1, maxBatchItems: 32 },
  "2 + 4n ms, up to 8": { runMs: 2, requestMs: 4, maxBatchItems: 8 },
} satisfies Readonly<Record<string, Engine>>;

/** Enough to fill the batches of all workers of a scenario, whoever they come from. */
export const deepBacklog = { kind: "backlog", waiting: 256 } as const;
