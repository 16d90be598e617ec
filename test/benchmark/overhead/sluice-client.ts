import { connect } from "@sluice/client";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";
import { echoModel } from "./echo-model.ts";

/** The public SDK as a user would call it. */
export async function connectSluiceClient(server: string): Promise<BenchmarkClient> {
  const client = await connect({ servers: server, tenant: "bench" });
  const model = client.model(echoModel);
  return {
    async call(input) {
      const result = await model.infer(
        { input: { data: input, shape: [1, input.length] } },
        { timeoutMs: 30_000 },
      );
      const values = result.outputs["input"]?.values();
      return values instanceof Float32Array ? values : new Float32Array(0);
    },
    close: () => client.close(),
  };
}
