import { InferenceError } from "@sluice/protocol";
import type { Check, CheckResult } from "./check.ts";

/** Runs every check, one after the other; one that throws has failed, with its error as what was found. */
export async function runChecks(
  checks: readonly Check[],
  onResult: (result: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = { name: check.name, ...(await runCheck(check)) };
    onResult(result);
    results.push(result);
  }
  return results;
}

async function runCheck(check: Check): Promise<Omit<CheckResult, "name">> {
  try {
    return await check.run();
  } catch (error) {
    // Messages of our own errors end with what to do.
    return { state: "failed", found: InferenceError.from(error).message, remedy: "" };
  }
}
