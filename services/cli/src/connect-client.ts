import { connect, type Client, type ClientOptions } from "@sluice/client";
import type { CliContext } from "./cli-context.ts";
import { reachServer } from "./reach-server.ts";

/** The tenant of calls that name none; the README's examples use it too. */
export const defaultTenant = "demo";

/** The options of every command that talks to a cluster. */
export interface ClientFlags {
  readonly nats?: string;
  readonly tenant?: string;
}

/** Connects a client. @throws {InferenceError} `unavailable`, saying what to do, when no server answers. */
export function connectClient(
  context: CliContext,
  flags: ClientFlags,
  options: Pick<ClientOptions, "onEvent"> = {},
): Promise<Client> {
  const { tenant = defaultTenant } = flags;
  return reachServer(context, flags, (servers, login) =>
    connect({ servers, tenant, clock: context.clock, ...login, ...options }),
  );
}
