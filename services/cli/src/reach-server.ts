import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "./cli-context.ts";
import { findServer, serverHint } from "./find-server.ts";

/**
 * Connects to the server that {@link findServer} names.
 * @throws {InferenceError} `unavailable`, saying where the address came from and what to do, when nothing answers there.
 */
export async function reachServer<T>(
  context: CliContext,
  flags: { readonly nats?: string },
  connectTo: (url: string) => Promise<T>,
): Promise<T> {
  const server = findServer(context, flags);
  try {
    return await connectTo(server.url);
  } catch (error) {
    const { code, message } = InferenceError.from(error);
    if (code !== "unavailable") throw error;
    throw new InferenceError(code, `${message} (${server.url}; ${serverHint(server)})`);
  }
}
