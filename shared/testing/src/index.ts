export { startNatsContainer } from "./nats-container.ts";
export { startNatsServer, type TestNatsServer, type TestNatsServerOptions } from "./nats-server.ts";
