import { connect, type Client } from "@sluice/client";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "./cli-context.ts";
import { findServer, serverHint } from "./find-server.ts";

/** The tenant of calls that name none; the README's examples use it too. */
const defaultTenant = "demo";

/** The options of every command that talks to a cluster. */
export interface ClientFlags {
  readonly nats?: string;
  readonly tenant?: string;
}

/**
 * Connects a client to the server that {@link findServer} names.
 * @throws {InferenceError} `unavailable`, saying where the address came from and what to do, when nothing answers there.
 */
export async function connectClient(context: CliContext, flags: ClientFlags): Promise<Client> {
  const server = findServer(context, flags);
  try {
    return await connect({
      servers: server.url,
      tenant: flags.tenant ?? defaultTenant,
      clock: context.clock,
    });
  } catch (error) {
    const { code, message } = InferenceError.from(error);
    if (code !== "unavailable") throw error;
    throw new InferenceError(code, `${message} (${server.url}; ${serverHint(server)})`);
  }
}
