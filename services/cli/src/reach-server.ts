import type { NatsLogin } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "./cli-context.ts";
import { findServer, serverHint } from "./find-server.ts";
import { readLogin } from "./read-login.ts";

/**
 * Connects to the server that {@link findServer} names.
 * @throws {InferenceError} `unavailable`, saying where the address came from and what to do, when nothing answers there.
 */
export async function reachServer<T>(
  context: CliContext,
  flags: { readonly nats?: string },
  connectTo: (servers: readonly string[], login: NatsLogin) => Promise<T>,
): Promise<T> {
  const server = findServer(context, flags);
  const login = readLogin(context.env, server);
  try {
    return await connectTo(server.url.split(","), login);
  } catch (error) {
    const { code, message, cause } = InferenceError.from(error);
    if (code !== "unavailable") throw error;
    throw new InferenceError(code, `${message} (${server.url}; ${serverHint(server)})`, { cause });
  }
}
