import { describe } from "vitest";
import { describeClose } from "./contract/close.ts";
import { describeDurable } from "./contract/durable.ts";
import { describeKeyValue } from "./contract/key-value.ts";
import { describeLostConnection } from "./contract/lost-connection.ts";
import { describePublish } from "./contract/publish.ts";
import { describeRequest } from "./contract/request.ts";
import type { CreateServer } from "./contract/server.ts";

export type { ContractServer, CreateServer, RestoreOptions } from "./contract/server.ts";

/** The rules that every implementation of {@link Messaging} keeps, as tests: call it in a test file with a way to start a server. */
export function describeMessaging(name: string, create: CreateServer): void {
  describe(name, () => {
    describePublish(create);
    describeRequest(create);
    describeDurable(create);
    describeKeyValue(create);
    describeLostConnection(create);
    describeClose(create);
  });
}
