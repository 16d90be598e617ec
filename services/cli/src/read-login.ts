import { natsLogin, natsLoginSettings, type NatsLogin } from "@sluice/messaging";
import { readSettings, type Environment } from "@sluice/runtime";
import { z } from "zod";
import type { ServerAddress } from "./find-server.ts";

const schema = z.object(natsLoginSettings);

/** A variable that is set to nothing counts as not set. */
const noLogin = Object.fromEntries(Object.keys(natsLoginSettings).map((name) => [name, ""]));

/** Variables that take the login away for the server of a `sluice dev`: it asks nobody, and what is said of others is not for it. */
export function loginOverrides(server: Pick<ServerAddress, "isOfDev">): Readonly<Record<string, string>> {
  return server.isOfDev ? noLogin : {};
}

/**
 * Who a process with this environment is to a NATS server, by the variables that the services read.
 * @throws {ConfigError} when they are wrong.
 */
export function readLogin(env: Environment, server: Pick<ServerAddress, "isOfDev">): NatsLogin {
  return natsLogin(readSettings(schema, { ...env, ...loginOverrides(server) }));
}
