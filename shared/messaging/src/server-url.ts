import { InferenceError } from "@sluice/protocol";

/**
 * Checks the URL of a NATS server; `nats://` may be left out.
 * @throws {InferenceError} `invalidArgument` when it is none, or has a user in it, which the NATS client would leave out
 * without a word.
 */
export function checkServerUrl(url: string): void {
  // Not shown: what stands before an @ may be a password.
  if (url.includes("@")) throw userRefused();
  const text = url.includes("://") ? url : `nats://${url}`;
  if (URL.canParse(text) && new URL(text).hostname !== "") return;
  throw new InferenceError(
    "invalidArgument",
    `a server's URL is ${JSON.stringify(url)}, expected one such as nats://127.0.0.1:4222`,
  );
}

function userRefused(): InferenceError {
  return new InferenceError(
    "invalidArgument",
    "a server's URL has a user in it, expected none: services and the command take SLUICE_NATS_USER and SLUICE_NATS_PASSWORD, the SDK takes credentials",
  );
}
