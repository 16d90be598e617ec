import { createGaps, createRandom, runClosedLoop, runOpenLoop, type Payloads } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";
import type { BenchmarkClient } from "./benchmark-client.ts";
import type { LoadOrder, LoadReport } from "./load-order.ts";
import { isRight, type Workload } from "./workload.ts";

/** Different inputs that are sent in turn. */
const inputCount = 256;
/** Calls open at a time in an open loop. */
const mostOutstanding = 4096;
const seed = 1;

interface Input {
  readonly values: Float32Array;
  readonly expected: Float32Array;
}

/** Prepares inputs with their right answers, so that nothing but load is left to do in a window. */
export async function prepareInputs({
  inputOf,
  answerTo,
  tolerance,
}: Workload): Promise<Payloads<Input, Float32Array>> {
  const inputs: Input[] = [];
  for (let caller = 0; caller < inputCount; caller++) {
    const values = inputOf(caller);
    inputs.push({ values, expected: await answerTo(values) });
  }
  return {
    inputs,
    isRight: ({ expected }, answer) => isRight(answer, { values: expected, tolerance }),
  };
}

/** Loads clients for one window. */
export async function runLoad(
  clients: readonly BenchmarkClient[],
  payloads: Payloads<Input, Float32Array>,
  { shape, windowMs }: LoadOrder,
): Promise<LoadReport> {
  const targets = clients.map((client) => ({ call: ({ values }: Input) => client.call(values) }));
  const options = { ...payloads, windowMs, clock: systemClock };
  for (const client of clients) client.takeStages?.();
  const record =
    shape.kind === "closed"
      ? await runClosedLoop(targets, { ...options, outstandingPerConnection: shape.outstandingPerConnection })
      : await runOpenLoop(targets, {
          ...options,
          mostOutstanding,
          nextGapMs: createGaps(
            { kind: "poisson", ratePerSecond: shape.ratePerSecond },
            createRandom(seed, 0),
          ),
        });
  const stagesMs = clients[0]?.takeStages?.();
  return { record, ...(stagesMs !== undefined && { stagesMs }) };
}
