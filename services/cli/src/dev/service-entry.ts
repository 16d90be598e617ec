import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InferenceError } from "@sluice/protocol";

export const serviceNames = ["dispatcher", "worker", "results"] as const;

export type ServiceName = (typeof serviceNames)[number];

/**
 * Path of a service's built main file. Services are started as programs, never imported as libraries: nothing here knows
 * their insides.
 */
export function serviceEntry(name: ServiceName): string {
  const path = fileURLToPath(import.meta.resolve(`@sluice/${name}/main`));
  if (existsSync(path)) return path;
  throw new InferenceError("unavailable", `the ${name} is not built (${path} is missing): run npm run build`);
}
