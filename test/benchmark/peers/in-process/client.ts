import type { BenchmarkClient } from "../../measure/benchmark-client.ts";
import { openProbeSession } from "../probe/probe-session.ts";

/** onnxruntime-node in the calling process: no queue and no network. Each client has a session of its own. */
export async function connectInProcessClient(): Promise<BenchmarkClient> {
  const session = await openProbeSession();
  return { call: (input) => session.run(input), close: async () => undefined };
}
