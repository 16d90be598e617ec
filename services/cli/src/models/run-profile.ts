import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InferenceError, isToken } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { formatJson } from "../format-table.ts";
import { openMessaging } from "../open-messaging.ts";
import { askModel } from "../pools/ask-owner.ts";
import { readPools } from "../pools/known-pools.ts";
import { chooseSizes, lengthsOf, shownTimeoutsMs } from "./choose-sizes.ts";
import { drawProfile } from "./draw-profile.ts";
import { formatProfile, type FoundModel } from "./format-profile.ts";

/** The options of `sluice models profile`. */
export interface ProfileFlags {
  readonly nats?: string;
  readonly length?: number;
  readonly json?: boolean;
  readonly svg?: string;
}

/** Asks the owner of the model's pool how long it takes, and prints or draws that. */
export async function runProfile(context: CliContext, model: string, flags: ProfileFlags): Promise<void> {
  if (!isToken(model)) {
    throw new InferenceError(
      "invalidArgument",
      `a model is 1 to 64 of A-Z a-z 0-9 _ -, not ${JSON.stringify(model)}`,
    );
  }
  const found = await findModel(context, model, flags);
  const { pool, report } = found;
  const lengths = lengthsOf(report, flags.length);
  const sizes = chooseSizes(report, lengths);
  if (flags.json === true) {
    context.print(formatJson({ pool, ...report, timeoutsMs: shownTimeoutsMs, sizes }));
  } else {
    context.print(formatProfile(found, sizes));
  }
  if (flags.svg === undefined) return;
  if (report.isIterative === true) {
    throw new InferenceError("invalidArgument", `model "${model}" generates: it has no curve to draw`);
  }
  const measured = report.workers.find(({ latency }) => latency !== undefined);
  if (measured?.latency === undefined) {
    throw new InferenceError(
      "unavailable",
      `no worker has measured model "${model}" yet: there is nothing to draw`,
    );
  }
  const title = `${model} on ${measured.worker}: margin ${measured.latency.margin.toFixed(2)}, drift ${measured.latency.drift.toFixed(2)}`;
  const svg = drawProfile(measured.latency, { title, lengths, maxItems: report.maxBatchSize });
  await writeDrawing(resolve(context.folder, flags.svg), svg);
}

async function writeDrawing(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg);
  } catch (cause) {
    throw new InferenceError("invalidArgument", `--svg ${path} cannot be written`, { cause });
  }
}

/** @throws {InferenceError} `notFound` when no pool serves the model, with what kept others from answering. */
async function findModel(context: CliContext, model: string, flags: ProfileFlags): Promise<FoundModel> {
  await using messaging = await openMessaging(context, flags);
  const problems: string[] = [];
  const found: FoundModel[] = [];
  await Promise.all(
    (await readPools(messaging)).map(async ({ pool }) => {
      try {
        found.push({ pool, report: await askModel(messaging, pool, model) });
      } catch (error) {
        problems.push(InferenceError.from(error).message);
      }
    }),
  );
  const [first] = found;
  if (first === undefined) throw new InferenceError("notFound", problems.join("; "));
  return first;
}
