import { runBareResponder } from "./bare/responder.ts";
import { runFloorOwner } from "./floor/owner.ts";
import { runFloorResults } from "./floor/results.ts";
import { runFloorWorker } from "./floor/worker.ts";
import { connectBareClient } from "./bare/client.ts";
import { connectFloorClient } from "./floor/client.ts";
import { connectSluiceClient } from "./overhead/sluice-client.ts";
import type { BenchmarkClient } from "./measure/benchmark-client.ts";
import { runClosedLoop } from "./measure/closed-loop.ts";

/** A process of the benchmark: `role.js <role> <server> [connections]`. Says "ready" to its parent once it is. */
const [role = "", ...rest] = process.argv.slice(2);

const services: Readonly<Record<string, (server: string) => Promise<void>>> = {
  "bare-responder": runBareResponder,
  "floor-owner": runFloorOwner,
  "floor-worker": runFloorWorker,
  "floor-results": runFloorResults,
};

const clients: Readonly<Record<string, (server: string) => Promise<BenchmarkClient>>> = {
  bare: connectBareClient,
  floor: connectFloorClient,
  sluice: connectSluiceClient,
};

if (role === "load") {
  const [arm = "", server = "", connections = "1"] = rest;
  const connect = clients[arm];
  if (connect === undefined) throw new Error(`no benchmark arm "${arm}"`);
  const connected = await Promise.all(Array.from({ length: Number(connections) }, () => connect(server)));
  process.on("message", (window: { outstandingPerClient: number; windowMs: number }) => {
    void runClosedLoop(connected, window).then((result) => process.send?.(result));
  });
} else {
  const run = services[role];
  if (run === undefined) throw new Error(`no benchmark role "${role}"`);
  await run(rest[0] ?? "");
}
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
