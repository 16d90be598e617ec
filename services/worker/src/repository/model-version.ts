import { readdir } from "node:fs/promises";

import { InferenceError } from "@sluice/protocol";

/** A version folder's name: digits without a leading zero. */
const versionPattern = /^[1-9]\d*$/u;

/**
 * Picks the version of a model that its policy asks for.
 * @param folder - the model's folder
 * @throws {InferenceError} `notFound` when there is no such version folder.
 */
export async function pickVersion(folder: string, policy: "latest" | number): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  // Names, compared as whole numbers: a version may be a time in nanoseconds, which no double holds.
  const versions = entries
    .filter((entry) => !entry.isFile() && versionPattern.test(entry.name))
    .map((entry) => entry.name)
    .sort((a, b) => b.length - a.length || (a < b ? 1 : -1));
  const picked = policy === "latest" ? versions[0] : versions.find((version) => version === String(policy));
  if (picked !== undefined) return picked;
  const found = versions.length === 0 ? "none" : versions.join(", ");
  const expected = policy === "latest" ? "a numbered version folder" : `version folder ${policy}`;
  throw new InferenceError("notFound", `${folder}: expected ${expected}, found ${found}`);
}
