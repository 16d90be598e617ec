import {
  collectEvents,
  createFakeClock,
  createMemoryNats,
  type EventCollector,
  type FakeClock,
  type MemoryNats,
} from "@sluice/testing";
import type { Messaging } from "@sluice/messaging";
import type { ClientEvent } from "./client-event.ts";
import type { ClientOptions } from "./client-options.ts";
import type { Client } from "./client.ts";
import { connect } from "./connect.ts";
import { createStubOwner, type StubOwner, type StubOwnerOptions } from "./stub-owner.fixture.ts";

/** A client of tenant `acme` on an in-memory server with a fake clock. */
export interface TestClient extends AsyncDisposable {
  readonly client: Client;
  readonly messaging: Messaging;
  readonly clock: FakeClock;
  readonly nats: MemoryNats;
  readonly events: EventCollector<ClientEvent>;
  /** A stub owner of model `echo` on a connection of its own. */
  owner(options?: Omit<StubOwnerOptions, "messaging">): StubOwner;
}

export interface TestClientOptions extends Partial<ClientOptions> {
  readonly maxPayloadBytes?: number;
}

/** Half of every bound: retries wait exactly half of their longest time. */
export const halfRandom = (): number => 0.5;

export async function createTestClient({
  maxPayloadBytes,
  ...options
}: TestClientOptions = {}): Promise<TestClient> {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock, ...(maxPayloadBytes === undefined ? {} : { maxPayloadBytes }) });
  const messaging = nats.connect();
  const events = collectEvents<ClientEvent>();
  const client = await connect({
    tenant: "acme",
    messaging,
    clock,
    random: halfRandom,
    drainTimeoutMs: 0,
    onEvent: events.onEvent,
    ...options,
  });
  return {
    client,
    messaging,
    clock,
    nats,
    events,
    owner: (ownerOptions = {}) => createStubOwner({ messaging: nats.connect(), ...ownerOptions }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
