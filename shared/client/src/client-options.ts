import type { Credentials, Messaging, TlsFiles } from "@sluice/messaging";
import { InferenceError, isToken } from "@sluice/protocol";
import {
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
} from "@sluice/runtime";
import { isTimeout, wrongOption } from "./call-options.ts";
import type { ClientEvent } from "./client-event.ts";
import { isRecord } from "./given-value.ts";
import { checkOptionNames, namesOf } from "./option-names.ts";

/** How a client is made. */
export interface ClientOptions {
  /** URLs of NATS servers, one or several; default `nats://127.0.0.1:4222`. One with `tls://` asks for TLS from all. */
  readonly servers?: string | readonly string[];
  /** Whose requests these are: 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly tenant: string;
  /** What a call that gives no timeout gets, in milliseconds; default: what its model promises, else 30,000. */
  readonly timeoutMs?: number;
  /** How often a call that was refused before it ran is tried again, 0 to 100; default 2. 0 also stops all sending again. */
  readonly retries?: number;
  /** Most retries for each call, over all calls, 0 to 1; default 0.1. A few retries more are always saved for a hiccup. */
  readonly retryRatio?: number;
  /** Whether calls are refused here while most calls of their model are refused there; default true. */
  readonly throttle?: boolean;
  /** How long {@link Client.close} waits for open calls, in milliseconds; default 5,000. */
  readonly drainTimeoutMs?: number;
  /** Told what happens beside the outcome of calls; must not throw. */
  readonly onEvent?: (event: ClientEvent) => void;
  /** Default: silent. */
  readonly log?: Logger;
  /** Who the client is, for servers that ask; default: nobody. */
  readonly credentials?: Credentials;
  /** PEM files for TLS; a server that asks for TLS gets it without them, too. */
  readonly tls?: TlsFiles;
  /** Start of the connection's inbox, where the server allows nothing else; default `_INBOX`. */
  readonly inboxPrefix?: string;
  /** A connection to use instead of an own one; it is left open. */
  readonly messaging?: Messaging;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Spreads retries; default: the platform's. */
  readonly random?: Random;
}

/** Options, checked and complete; nothing below handles `undefined`. */
export interface CompiledOptions {
  readonly servers: readonly string[];
  readonly tenant: string;
  /** 0 = the model's. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryRatio: number;
  readonly throttle: boolean;
  readonly drainTimeoutMs: number;
  readonly onEvent: (event: ClientEvent) => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

const defaultServer = "nats://127.0.0.1:4222";
/** Three attempts: whoever is refused three times is refused for a reason that another attempt makes worse. */
const defaultRetries = 2;
/** In an overload that refuses everything, services get at most a tenth more than without retries. */
const defaultRetryRatio = 0.1;
const maxRetries = 100;
/** Most calls end sooner; whoever waits longer says so. */
const defaultDrainTimeoutMs = 5000;

const clientOptionNames = namesOf<ClientOptions>({
  servers: true,
  tenant: true,
  timeoutMs: true,
  retries: true,
  retryRatio: true,
  throttle: true,
  drainTimeoutMs: true,
  onEvent: true,
  log: true,
  credentials: true,
  tls: true,
  inboxPrefix: true,
  messaging: true,
  clock: true,
  random: true,
});
const tlsFileNames = namesOf<TlsFiles>({ caFile: true, certFile: true, keyFile: true });

/**
 * Checks options and fills in what they leave out.
 * @throws {InferenceError} `invalidArgument` naming the option, its value and what was expected.
 */
export function compileOptions(options: ClientOptions): CompiledOptions {
  if (!isRecord(options)) {
    throw new InferenceError("invalidArgument", "options are missing, expected { servers, tenant }");
  }
  checkOptionNames(options, clientOptionNames);
  const { tenant, timeoutMs = 0, retries = defaultRetries } = options;
  const { retryRatio = defaultRetryRatio, throttle = true } = options;
  const { drainTimeoutMs = defaultDrainTimeoutMs, servers: given = defaultServer } = options;
  const servers = typeof given === "string" ? [given] : given;
  if (!Array.isArray(servers) || servers.length === 0 || servers.some((url) => typeof url !== "string")) {
    throw wrongOption("servers", servers, "at least one URL");
  }
  if (!isToken(tenant)) throw wrongOption("tenant", tenant, "1 to 64 of A-Z a-z 0-9 _ -");
  if (options.timeoutMs !== undefined && !isTimeout(timeoutMs))
    throw wrongOption("timeoutMs", timeoutMs, "milliseconds above 0");
  if (!Number.isInteger(retries) || retries < 0 || retries > maxRetries) {
    throw wrongOption("retries", retries, `a whole number from 0 to ${maxRetries}`);
  }
  if (typeof retryRatio !== "number" || !(retryRatio >= 0 && retryRatio <= 1)) {
    throw wrongOption("retryRatio", retryRatio, "a number from 0 to 1");
  }
  if (typeof throttle !== "boolean") throw wrongOption("throttle", throttle, "true or false");
  if (drainTimeoutMs !== 0 && !isTimeout(drainTimeoutMs)) {
    throw wrongOption("drainTimeoutMs", drainTimeoutMs, "milliseconds of 0 or more");
  }
  checkConnection(options);
  checkParts(options);
  return {
    servers,
    tenant,
    timeoutMs,
    retries,
    retryRatio,
    throttle,
    drainTimeoutMs,
    onEvent: options.onEvent ?? (() => {}),
    log: options.log ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

/** Checks how the connection is made, before it is. What credentials hold is looked at where they are used, and never shown. */
function checkConnection({ credentials, tls, inboxPrefix }: ClientOptions): void {
  if (credentials !== undefined && !isRecord(credentials)) {
    throw new InferenceError("invalidArgument", "option credentials is no object, expected { kind, … }");
  }
  if (inboxPrefix !== undefined && typeof inboxPrefix !== "string") {
    throw wrongOption("inboxPrefix", inboxPrefix, "a subject such as _INBOX.acme");
  }
  if (tls === undefined) return;
  if (!isRecord(tls)) throw wrongOption("tls", tls, "{ caFile, certFile, keyFile }");
  checkOptionNames(tls, tlsFileNames, "option tls.");
  for (const name of tlsFileNames) {
    const path: unknown = Reflect.get(tls, name);
    if (path !== undefined && typeof path !== "string") throw wrongOption(`tls.${name}`, path, "a path");
  }
}

/** Checks what a client is made of: what is wrong there would show as late as something happens. */
function checkParts({ onEvent, random, clock, log, messaging }: ClientOptions): void {
  for (const [name, part] of Object.entries({ onEvent, random })) {
    if (part !== undefined && typeof part !== "function") throw wrongOption(name, part, "a function");
  }
  checkMethods("clock", clock, ["monotonicMs", "sleep", "schedule", "afterRead"]);
  checkMethods("log", log, ["debug", "info", "warn", "error", "child"]);
  checkMethods("messaging", messaging, ["publish", "subscribe", "onEvent", "flush"]);
}

function checkMethods(option: string, part: object | undefined, methods: readonly string[]): void {
  if (part === undefined) return;
  const isWhole = isRecord(part) && methods.every((name) => typeof Reflect.get(part, name) === "function");
  if (!isWhole) throw wrongOption(option, part, `an object with ${methods.join(", ")}`);
}
