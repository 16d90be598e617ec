import { accessSync, constants } from "node:fs";
import { InferenceError } from "@sluice/protocol";
import { type Clock, createId, type Logger } from "@sluice/runtime";
import { connect, type NatsConnection } from "nats";
import { type Credentials, toAuthentication } from "./credentials.ts";
import type { Messaging } from "./messaging.ts";
import { toConnectError } from "./nats-error.ts";
import { createNatsMessaging } from "./nats-messaging.ts";
import { asksForTls, checkServerUrl } from "./server-url.ts";

/** Paths of PEM files. */
export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface MessagingOptions {
  /** URLs such as `nats://127.0.0.1:4222`, without a user; one is picked at random. One with `tls://` asks for TLS from all. */
  readonly servers: readonly string[];
  /** Shown in the server's list of connections. */
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly credentials?: Credentials;
  readonly tls?: TlsFiles;
  /**
   * Start of this connection's inbox; default `_INBOX`. Whoever may subscribe only below another prefix must say so. The reply
   * rule of the protocol accepts prefixes that start with `_INBOX.`.
   */
  readonly inboxPrefix?: string;
  /** How long JetStream may take to answer a bucket's call, default 2 s: what a lease lasts. */
  readonly jetStreamTimeoutMs?: number;
}

const defaultInboxPrefix = "_INBOX";
const defaultJetStreamTimeoutMs = 2_000;
/** Bytes that may wait to be sent: as far as the server itself lets a connection fall behind. */
const maxPendingBytes = 64 * 1024 * 1024;

/** A server that takes longer to greet is not usable. */
const connectTimeoutMs = 5_000;
/** Between attempts to reconnect, plus jitter: an outage ends for the service within half a second of its end. */
const reconnectDelayMs = 200;
const reconnectJitterMs = 300;
/** A server that vanished without closing its socket is noticed after two of these. */
const pingIntervalMs = 5_000;

/**
 * Connects to NATS. Once connected it reconnects for ever; only {@link Messaging.close} and refused credentials end it.
 * @throws {InferenceError} `unavailable`, with the reason as its cause, when no server answers; `unauthenticated` when it refuses
 * the credentials; `invalidArgument` when a URL is none or has a user in it, the inbox prefix is no subject, a file for TLS cannot
 * be read, or credentials are of no kind or their text is not of its form.
 */
export async function connectMessaging(options: MessagingOptions): Promise<Messaging> {
  const { jetStreamTimeoutMs = defaultJetStreamTimeoutMs } = options;
  const connection = await open(options);
  const connectionId = createId();
  const { name, inboxPrefix = defaultInboxPrefix, clock } = options;
  const log = options.log.child({ connection: name });
  log.info("nats connected", {
    server: connection.getServer(),
    version: connection.info?.version,
    connectionId,
  });
  return createNatsMessaging({
    connection,
    connectionId,
    inbox: `${inboxPrefix}.${connectionId}`,
    maxPendingBytes,
    jetStreamTimeoutMs,
    log,
    clock,
  });
}

async function open({ credentials, tls, ...options }: MessagingOptions): Promise<NatsConnection> {
  for (const url of options.servers) checkServerUrl(url);
  const usesTls = tls !== undefined || options.servers.some(asksForTls);
  checkInboxPrefix(options.inboxPrefix ?? defaultInboxPrefix);
  if (tls !== undefined) checkFiles(tls);
  const authentication = credentials && toAuthentication(credentials);
  try {
    return await connect({
      servers: [...options.servers],
      name: options.name,
      timeout: connectTimeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: reconnectDelayMs,
      reconnectJitter: reconnectJitterMs,
      reconnectJitterTLS: reconnectJitterMs,
      pingInterval: pingIntervalMs,
      noAsyncTraces: true,
      ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
      // Even without files: a server that speaks no TLS is refused then, before it is told anything.
      ...(usesTls ? { tls: { ...tls } } : {}),
      ...authentication,
    });
  } catch (error) {
    throw toConnectError(error);
  }
}

/** The NATS client reads them when a server asks for TLS, and then says only that it could not connect. */
function checkFiles({ caFile, certFile, keyFile }: TlsFiles): void {
  for (const [name, path] of Object.entries({ caFile, certFile, keyFile })) {
    if (path === undefined) continue;
    try {
      accessSync(path, constants.R_OK);
    } catch (cause) {
      throw new InferenceError("invalidArgument", `the ${name} ${path} of TLS cannot be read`, { cause });
    }
  }
  if ((certFile === undefined) === (keyFile === undefined)) return;
  throw new InferenceError("invalidArgument", "TLS has one of certFile and keyFile, expected both or none");
}

/** The NATS client would find it out after it has connected. */
function checkInboxPrefix(prefix: string): void {
  if (/^[^\s.*>]+(?:\.[^\s.*>]+)*$/.test(prefix)) return;
  throw new InferenceError(
    "invalidArgument",
    `the inbox prefix is ${JSON.stringify(prefix)}, expected a subject without wildcards such as _INBOX.acme`,
  );
}
