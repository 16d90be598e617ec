import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@sluice/client";
import { createRandom } from "@sluice/load-generator";
import { connectMessaging } from "@sluice/messaging";
import { silentLogger, systemClock } from "@sluice/runtime";
import { startRunner, type WindowRunner } from "../measure/role-process.ts";
import { offerPoisson, type CallRecord } from "./load.ts";
import { createTags } from "./tags.ts";

/** Calls of some tenants at random moments, whatever becomes of them. */
export interface Stretch {
  /** Each over a client of its own; those of one name are one tenant's. */
  readonly tenants: readonly string[];
  readonly model: string;
  /** Of each of the clients. */
  readonly ratePerSecond: number;
  readonly timeoutMs: number;
  /** Load before what is measured. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seed: number;
}

/** A process that makes calls and nothing else: what others do in theirs keeps none of them waiting. */
export type CallerProcess = WindowRunner<Stretch, readonly CallRecord[]>;

/** Starts a process for calls of the given tenants. */
export function startCallers(server: string, tenants: readonly string[]): Promise<CallerProcess> {
  return startRunner(["callers", server, ...tenants]);
}

/** What such a process does. */
export interface Callers {
  /** Resolves with the calls that were due after the warm-up, once all have their answers. */
  run(stretch: Stretch): Promise<readonly CallRecord[]>;
}

export async function openCallers(server: string, names: readonly string[]): Promise<Callers> {
  const tags = createTags(names);
  const messaging = await connectMessaging({
    servers: [server],
    name: "callers",
    log: silentLogger,
    clock: systemClock,
  });
  return {
    async run({ tenants, model, ratePerSecond, timeoutMs, warmUpMs, measuredMs, seed }) {
      const clients = await Promise.all(tenants.map((tenant) => connect({ tenant, messaging })));
      const loads = clients.map((client, stream) =>
        offerPoisson(
          { client, tags, model, timeoutMs },
          { ratePerSecond, atOnce: 1, random: createRandom(seed, stream) },
        ),
      );
      const measuredFromMs = performance.now() + warmUpMs;
      await sleep(warmUpMs + measuredMs);
      const calls = (await Promise.all(loads.map((load) => load.stop()))).flat();
      await Promise.all(clients.map((client) => client.close()));
      return calls.filter(({ sentMs }) => sentMs >= measuredFromMs);
    },
  };
}
