import { runBareResponder } from "./bare/responder.ts";
import { runFloorOwner } from "./floor/owner.ts";
import { runFloorResults } from "./floor/results.ts";
import { runFloorWorker } from "./floor/worker.ts";
import { runHandPicked } from "./saturation/hand-picked/server.ts";
import { connectBareClient } from "./bare/client.ts";
import { connectFloorClient } from "./floor/client.ts";
import { echoModel } from "./overhead/echo-model.ts";
import { connectLanguageClient, languageWorkload } from "./overhead/language-client.ts";
import { connectSluiceClient } from "./overhead/sluice-client.ts";
import type { BenchmarkClient } from "./measure/benchmark-client.ts";
import type { LoadOrder } from "./measure/load-order.ts";
import { prepareInputs, runLoad } from "./measure/run-load.ts";
import { echoWorkload, type Workload } from "./measure/workload.ts";
import { openCallers, type Stretch } from "./stage/callers.ts";
import { connectGateway } from "./scale/tenants/gateway.ts";
import { runTenantWindow, type TenantWindow } from "./scale/tenants/tenant-window.ts";
import { peerClients, peerServices } from "./peers/peer-roles.ts";

/** A process of the benchmark: `role.js <role> <server> [arguments]`. Says "ready" to its parent once it is. */
const [role = "", ...rest] = process.argv.slice(2);

const services: Readonly<Record<string, (server: string, rest: readonly string[]) => Promise<void>>> = {
  "bare-responder": runBareResponder,
  "floor-owner": runFloorOwner,
  "floor-worker": (server) => runFloorWorker(server, "results"),
  "floor-worker-straight": (server) => runFloorWorker(server, "straight"),
  "floor-results": runFloorResults,
  ...peerServices,
  "hand-picked": runHandPicked,
};

type Connect = (server: string) => Promise<BenchmarkClient>;

const languageArm = "sluice-language";

const echoClients: Readonly<Record<string, Connect>> = {
  bare: connectBareClient,
  floor: connectFloorClient,
  "floor-straight": connectFloorClient,
  sluice: (server) => connectSluiceClient(server, { model: echoModel, output: "input" }),
};

const modelClients: Readonly<Record<string, Connect>> = {
  [languageArm]: connectLanguageClient,
  "sluice-probe": (server) => connectSluiceClient(server, { model: "overhead-probe", output: "probs" }),
  ...peerClients,
};

async function openWorkload(arm: string): Promise<Workload> {
  if (arm === languageArm) return languageWorkload;
  if (arm in echoClients) return echoWorkload;
  return (await import("./peers/probe/probe-workload.ts")).openProbeWorkload();
}

if (role === "load") {
  const [arm = "", server = "", connections = "1"] = rest;
  const connect = echoClients[arm] ?? modelClients[arm];
  if (connect === undefined) throw new Error(`no benchmark arm "${arm}"`);
  const payloads = await prepareInputs(await openWorkload(arm));
  const connected = await Promise.all(Array.from({ length: Number(connections) }, () => connect(server)));
  process.on("message", (order: LoadOrder) => {
    // A failure ends the process, which whoever ordered sees.
    void runLoad(connected, payloads, order).then((report) => process.send?.(report));
  });
} else if (role === "tenants") {
  const gateway = await connectGateway(rest[0] ?? "");
  process.on("message", (window: TenantWindow) => {
    void runTenantWindow(gateway, window).then((record) => process.send?.(record));
  });
} else if (role === "callers") {
  const [server = "", ...tenants] = rest;
  const callers = await openCallers(server, tenants);
  process.on("message", (stretch: Stretch) => {
    void callers.run(stretch).then((calls) => process.send?.(calls));
  });
} else {
  const run = services[role];
  if (run === undefined) throw new Error(`no benchmark role "${role}"`);
  const [server = "", ...options] = rest;
  await run(server, options);
}
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
