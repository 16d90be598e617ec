import { once } from "node:events";
import { createServer } from "node:net";
import { InferenceError } from "@sluice/protocol";

/** Finds a port of the loopback address that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new InferenceError("internal", "the system named no port for a listening socket");
  }
  return address.port;
}
