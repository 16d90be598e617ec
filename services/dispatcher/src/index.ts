export { readConfig, type DispatcherConfig } from "./config.ts";
export { createDispatcher, type Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
export type { DispatcherEvent } from "./event.ts";
