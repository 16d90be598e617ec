import { checkJetStream } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "./cli-context.ts";
import { openMessaging } from "./open-messaging.ts";

/** A server on the way to another continent answers in a tenth of that. */
const answerTimeoutMs = 5_000;

/**
 * Makes sure that the server of `NATS_URL` is one for Sluice: services would wait for its JetStream for ever.
 * @throws {InferenceError} `unavailable`, saying what to do, when it does not answer, or has no JetStream.
 */
export async function checkServer(context: CliContext): Promise<void> {
  await using messaging = await openMessaging(context, {});
  try {
    await checkJetStream(messaging, { timeoutMs: answerTimeoutMs });
  } catch (cause) {
    throw new InferenceError(
      "unavailable",
      "the server of NATS_URL has no JetStream for this login, which Sluice needs: run it with `nats-server -js`, or without NATS_URL let `sluice dev` start one",
      { cause },
    );
  }
}
