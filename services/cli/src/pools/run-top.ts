import type { Messaging } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { openMessaging } from "../open-messaging.ts";
import { askPool } from "./ask-owner.ts";
import { formatTop } from "./format-top.ts";
import { readPools } from "./known-pools.ts";

/** The options of `sluice top`. */
export interface TopFlags {
  readonly nats?: string;
  readonly pool?: string;
  readonly intervalMs?: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** About as often as what it shows is measured. */
const defaultIntervalMs = 1000;

/** Puts the cursor at the top of an empty terminal. */
const clearScreen = "\u001B[H\u001B[2J";

/** Prints who gets what, again and again until it is interrupted, or once. Whoever watches an outage sees its end, too. */
export async function runTop(context: CliContext, flags: TopFlags): Promise<void> {
  await using messaging = await openMessaging(context, flags);
  let text = await describeAll(messaging, flags);
  if (flags.once === true) {
    context.print(text);
    return;
  }
  for (;;) {
    context.print(flags.json === true ? text : `${clearScreen}${text}`);
    await context.clock.sleep(flags.intervalMs ?? defaultIntervalMs);
    text = await describeAll(messaging, flags).catch((error: unknown) => describeFailure(error, flags));
  }
}

/** One text for all pools. Alone, a pool that nobody answers for is an error; among others it is a line. */
async function describeAll(messaging: Messaging, flags: TopFlags): Promise<string> {
  const pools = await readPools(messaging, flags.pool);
  const isAlone = pools.length === 1 && flags.once === true;
  const texts = await Promise.all(
    pools.map(async ({ pool }) => {
      try {
        const report = await askPool(messaging, pool);
        return flags.json === true ? `${JSON.stringify(report)}\n` : formatTop(report);
      } catch (error) {
        if (isAlone) throw error;
        return describeFailure(error, { ...flags, pool });
      }
    }),
  );
  return texts.join(flags.json === true ? "" : "\n");
}

/** Says in the place of a pool, or of all, why nothing is known. */
function describeFailure(error: unknown, { pool, json }: Pick<TopFlags, "pool" | "json">): string {
  const { code, message } = InferenceError.from(error);
  return json === true ? `${JSON.stringify({ pool, error: message, code })}\n` : `${message}\n`;
}
