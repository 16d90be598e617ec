import { connectMessaging, type Messaging } from "@sluice/messaging";
import { compileOptions, type ClientOptions } from "./client-options.ts";
import { createClient, type Client } from "./client.ts";

/**
 * Connects to a Sluice cluster. Close the client, or use `await using`, to let go of the connection.
 * @throws {InferenceError} `invalidArgument` for a wrong option; `unavailable` when no server answers; `unauthenticated` when it
 * refuses the credentials.
 */
export async function connect(options: ClientOptions): Promise<Client> {
  const compiled = compileOptions(options);
  const isOwned = options.messaging === undefined;
  const messaging = options.messaging ?? (await open(options));
  const client = createClient({ messaging, isOwned }, compiled);
  try {
    await messaging.flush();
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;

  function open({ credentials, tls, inboxPrefix }: ClientOptions): Promise<Messaging> {
    return connectMessaging({
      servers: compiled.servers,
      name: `sluice-client ${compiled.tenant}`,
      log: compiled.log,
      clock: compiled.clock,
      ...(credentials === undefined ? {} : { credentials }),
      ...(tls === undefined ? {} : { tls }),
      ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    });
  }
}
