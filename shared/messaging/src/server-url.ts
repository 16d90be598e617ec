import { InferenceError } from "@sluice/protocol";

/** What may stand before `://`; nothing says the same as `nats`. */
const schemes: ReadonlySet<string> = new Set(["nats:", "tls:"]);

/** What a URL must be, as the start of a sentence. */
export const serverUrlForm = "NATS servers such as nats://127.0.0.1:4222, or tls://… for TLS, without a user";

/** Whether a text is the URL of a NATS server: `nats://`, which may be left out, or `tls://`, and no user in it. */
export function isServerUrl(text: string): boolean {
  // The client would leave a user out; what looks like one to nobody else may be a password.
  if (text.includes("@")) return false;
  const url = text.includes("://") ? text : `nats://${text}`;
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return schemes.has(protocol) && hostname !== "";
}

/** Whether a URL asks for TLS. The client takes no notice of what stands before `://`. */
export function asksForTls(url: string): boolean {
  return /^tls:/iu.test(url);
}

/**
 * Checks the URL of a NATS server.
 * @throws {InferenceError} `invalidArgument` when it is none, or has a user in it, which the NATS client would leave out
 * without a word.
 */
export function checkServerUrl(url: string): void {
  if (isServerUrl(url)) return;
  // Not shown: what stands before an @ may be a password.
  if (url.includes("@")) throw userRefused();
  throw new InferenceError(
    "invalidArgument",
    `a server's URL is ${JSON.stringify(url)}, expected one such as nats://127.0.0.1:4222 or tls://127.0.0.1:4222`,
  );
}

function userRefused(): InferenceError {
  return new InferenceError(
    "invalidArgument",
    "a server's URL has a user in it, expected none: services and the command take SLUICE_NATS_USER and SLUICE_NATS_PASSWORD, the SDK takes credentials",
  );
}
