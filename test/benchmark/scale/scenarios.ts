import type { BenchmarkScenario } from "../scenario/scenario.ts";
import { manyModels } from "./live/models.ts";
import { overload } from "./live/overload.ts";
import { owner } from "./live/owner.ts";
import { manyPools } from "./live/pools.ts";
import { manyTenants } from "./live/tenants.ts";
import { workers } from "./live/workers.ts";

/** In the order of a report. */
export const scaleScenarios: readonly BenchmarkScenario[] = [
  workers,
  manyPools,
  manyModels,
  manyTenants,
  owner,
  overload,
];
