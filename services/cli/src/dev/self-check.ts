import { connect, type Client } from "@sluice/client";
import type { NatsLogin } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { describeTimings } from "../infer/format-result.ts";

/** Longest wait until the pool has announced its models after all services are ready. */
const announceTimeoutMs = 10_000;
const pollMs = 50;
const model = "language-id";
const question = "Wo ist der Bahnhof?";

export interface SelfCheckOptions {
  readonly url: string;
  readonly login: NatsLogin;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  progress(name: string, text: string): void;
}

/**
 * Proves that the stack answers: one inference on real text through the SDK. Returns the names of the models it serves.
 * @throws {InferenceError} what the call failed with; `unavailable` when no model was announced.
 */
export async function selfCheck({
  url,
  login,
  clock,
  signal,
  progress,
}: SelfCheckOptions): Promise<readonly string[]> {
  await using client = await connect({ servers: url.split(","), tenant: "self-check", clock, ...login });
  const models = await announcedModels(client, { clock, signal });
  progress("models", models.join(", "));
  if (!models.includes(model)) {
    progress("self-check", `skipped: ${model} is not served here`);
    return models;
  }
  const { outputs, timings } = await client.model(model).infer({ text: [question] }, { signal });
  const [language] = outputs["language"]?.strings() ?? [];
  const [probability] = outputs["probability"]?.values() ?? [];
  if (language === undefined || probability === undefined) {
    throw new InferenceError("internal", `${model} gave no language for "${question}"`);
  }
  progress("self-check", `"${question}" is ${language} (probability ${Number(probability).toFixed(3)})`);
  progress("self-check", describeTimings(timings));
  return models;
}

async function announcedModels(
  client: Client,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { clock, signal } = options;
  const startedMs = clock.monotonicMs();
  while (clock.monotonicMs() - startedMs < announceTimeoutMs) {
    const models = (await client.models()).filter(({ workerCount }) => workerCount > 0);
    if (models.length > 0) return models.map(({ name }) => name);
    await clock.sleep(pollMs, signal);
  }
  throw new InferenceError("unavailable", `no model was announced within ${announceTimeoutMs} ms`);
}
