import type { Messaging } from "@sluice/messaging";
import {
  decodeInspectAnswer,
  encodeInspectQuestion,
  InferenceError,
  inspectTimeoutMs,
  subjects,
  type InspectAnswer,
  type InspectQuestion,
  type ModelReport,
  type PoolReport,
  type RequestReport,
} from "@sluice/protocol";

/** Asks the owner of a pool about it. @throws {InferenceError} `unavailable` when nobody owns it; `deadlineExceeded` when its owner does not answer. */
export async function askPool(messaging: Messaging, pool: string): Promise<PoolReport> {
  const answer = await ask(messaging, pool, { kind: "pool" });
  if (answer.kind !== "pool") throw oddAnswer(pool);
  return answer;
}

/** Asks the owner of a pool for the requests with an id. @throws {InferenceError} as {@link askPool}. */
export async function askRequest(
  messaging: Messaging,
  pool: string,
  question: { readonly id: string; readonly tenant?: string },
): Promise<RequestReport> {
  const answer = await ask(messaging, pool, { kind: "request", ...question });
  if (answer.kind !== "request") throw oddAnswer(pool);
  return answer;
}

/** Asks the owner of a pool how long a model takes. @throws {InferenceError} as {@link askPool}; `notFound` when the pool does not serve it. */
export async function askModel(messaging: Messaging, pool: string, model: string): Promise<ModelReport> {
  const answer = await ask(messaging, pool, { kind: "model", model });
  if (answer.kind !== "model") throw oddAnswer(pool);
  return answer;
}

async function ask(messaging: Messaging, pool: string, question: InspectQuestion): Promise<InspectAnswer> {
  try {
    const { payload } = await messaging.request(subjects.inspect(pool), encodeInspectQuestion(question), {
      timeoutMs: inspectTimeoutMs,
    });
    return decodeInspectAnswer(payload);
  } catch (error) {
    const { code, details, message } = InferenceError.from(error);
    if (details?.["reason"] === "noResponders") {
      throw new InferenceError("unavailable", `nobody owns pool "${pool}" now`);
    }
    if (code !== "deadlineExceeded") throw error;
    throw new InferenceError(code, `the owner of pool "${pool}" does not answer: ${message}`);
  }
}

function oddAnswer(pool: string): InferenceError {
  return new InferenceError("internal", `the owner of pool "${pool}" answered something else than was asked`);
}
