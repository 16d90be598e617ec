import { InferenceError, isToken } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { formatJson } from "../format-table.ts";
import { openMessaging } from "../open-messaging.ts";
import { askRequest } from "./ask-owner.ts";
import { explainText, type FoundRequest } from "./explain-text.ts";
import { readPools } from "./known-pools.ts";

/** The options of `sluice explain`. */
export interface ExplainFlags {
  readonly nats?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

/** Asks the owner of every pool for a request and prints where it stands. */
export async function runExplain(context: CliContext, id: string, flags: ExplainFlags): Promise<void> {
  const { tenant } = flags;
  for (const [name, value] of Object.entries<unknown>({ "request id": id, tenant })) {
    if (value === undefined || isToken(value)) continue;
    throw new InferenceError(
      "invalidArgument",
      `a ${name} is 1 to 64 of A-Z a-z 0-9 _ -, not ${JSON.stringify(value)}`,
    );
  }
  await using messaging = await openMessaging(context, flags);
  const problems: string[] = [];
  const found: FoundRequest[] = [];
  const question = { id, ...(tenant !== undefined && { tenant }) };
  await Promise.all(
    (await readPools(messaging)).map(async ({ pool }) => {
      try {
        const { requests } = await askRequest(messaging, pool, question);
        for (const request of requests) found.push({ ...request, pool });
      } catch (error) {
        problems.push(InferenceError.from(error).message);
      }
    }),
  );
  if (found.length === 0) throw unknown(question, problems);
  for (const problem of problems) context.note(problem);
  if (flags.json === true) context.print(formatJson(found));
  else context.print(found.map((each) => explainText(id, each)).join(""));
}

function unknown(
  { id, tenant }: { readonly id: string; readonly tenant?: string },
  problems: readonly string[],
): InferenceError {
  const whose = tenant === undefined ? "" : ` of tenant "${tenant}"`;
  const but = problems.length === 0 ? "" : `; but ${problems.join("; ")}`;
  return new InferenceError(
    "notFound",
    `no request "${id}"${whose} waits or runs: it has ended, or was never let in${but}`,
  );
}
