export { type DownloadProgress } from "./download.ts";
export { pinnedVersion } from "./release.ts";
export { type ResolveOptions, resolveNatsServer } from "./resolve-nats-server.ts";
export { type ServerBinary } from "./server-binary.ts";
export { defaultMaxPayloadBytes, formatServerConfiguration } from "./server-configuration.ts";
export {
  type ServerExit,
  type ServerProcess,
  type ServerProcessOptions,
  startNatsServerProcess,
} from "./server-process.ts";
