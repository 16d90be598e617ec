import { connectMessaging, type Messaging } from "@sluice/messaging";
import { silentLogger } from "@sluice/runtime";
import type { CliContext } from "./cli-context.ts";
import { reachServer } from "./reach-server.ts";

/** Connects to the cluster itself, for commands that are no calls. @throws {InferenceError} `unavailable`, saying what to do, when no server answers. */
export function openMessaging(context: CliContext, flags: { readonly nats?: string }): Promise<Messaging> {
  const { clock } = context;
  return reachServer(context, flags, (servers, login) =>
    connectMessaging({ servers, name: "sluice", log: silentLogger, clock, ...login }),
  );
}
