import { natsLogin, natsLoginSettings, type NatsLogin } from "@sluice/messaging";
import { readSettings } from "@sluice/runtime";
import { z } from "zod";
import type { CliContext } from "./cli-context.ts";

const schema = z.object(natsLoginSettings);

/** Who the command is to the NATS servers, by the variables that the services read, too. @throws {ConfigError} when they are wrong. */
export function readLogin({ env }: Pick<CliContext, "env">): NatsLogin {
  return natsLogin(readSettings(schema, env));
}
