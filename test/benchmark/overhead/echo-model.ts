import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { floorBatchSize } from "../floor/owner.ts";

export const echoModel = "echo";

/** Writes a model repository with one synthetic model that takes no time and echoes its input. */
export async function writeEchoRepository(folder: string): Promise<void> {
  await mkdir(join(folder, echoModel), { recursive: true });
  await writeFile(
    join(folder, echoModel, "model.yaml"),
    `name: ${echoModel}
description: echoes its input and takes no time
pool: bench
engine: synthetic
limits: { maxBatchSize: ${floorBatchSize} }
synthetic: { alphaMs: 0, betaMs: 0 }
`,
  );
}
