export { aFrame, anAdmittedRequest, aRequest, aSignature } from "./builders.ts";
export { type DockerPresence, findDocker } from "./docker.ts";
export { collectEvents, type EventCollector } from "./events.ts";
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { freePort } from "./free-port.ts";
export { createGate, type Gate } from "./gate.ts";
export {
  createMemoryNats,
  type MemoryConnectOptions,
  type MemoryNats,
  type MemoryNatsOptions,
} from "./memory-nats.ts";
export type { MemoryStreamOptions, StoredMessage } from "./memory-stream.ts";
export { startNatsContainer } from "./nats-container.ts";
export { startNatsServer, type TestNatsServer, type TestNatsServerOptions } from "./nats-server.ts";
export { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
export { drawTextStrip } from "./text-strip.ts";
