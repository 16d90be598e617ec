import { connect } from "@sluice/client";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";
import { createStageMeter } from "./stage-meter.ts";

const timeoutMs = 30_000;

/** The public SDK as a user would call it, for a model with one input named `input`. */
export async function connectSluiceClient(
  server: string,
  { model: name, output }: { readonly model: string; readonly output: string },
): Promise<BenchmarkClient> {
  const client = await connect({ servers: server, tenant: "bench" });
  const model = client.model(name);
  const stages = createStageMeter();
  return {
    async call(input) {
      const result = await model.infer({ input: { data: input, shape: [1, input.length] } }, { timeoutMs });
      stages.add(result.timings);
      const values = result.outputs[output]?.values();
      return values instanceof Float32Array ? values : new Float32Array(0);
    },
    takeStages: () => stages.take(),
    close: () => client.close(),
  };
}
