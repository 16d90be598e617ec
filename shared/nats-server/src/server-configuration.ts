/** What a server that Sluice starts for itself is told. */
export interface ServerConfiguration {
  readonly host: string;
  /** -1 lets the server take a free port. */
  readonly port: number;
  readonly storeFolder: string;
  readonly maxPayloadBytes: number;
  /** Whether the server tells its counters over HTTP, on a free port of the same address. Default false. */
  readonly monitoring?: boolean;
}

/**
 * 8 MiB, the largest payload nats-server takes without a warning; the same as in `deploy/nats/nats-server.conf`.
 * The server's own default of 1 MB would cut batches of images into many messages.
 */
export const defaultMaxPayloadBytes = 8 * 1024 * 1024;

/**
 * Formats the configuration file. Only options that 2.9.10 knows: it refuses to start on others.
 * JSON strings are valid strings of the server's configuration language, so paths need no rules of their own.
 */
export function formatServerConfiguration(configuration: ServerConfiguration): string {
  const { host, port, storeFolder, maxPayloadBytes, monitoring = false } = configuration;
  const http = monitoring ? `http: ${JSON.stringify(`${host}:-1`)}\n` : "";
  return `host: ${JSON.stringify(host)}
port: ${port}
max_payload: ${maxPayloadBytes}
${http}jetstream {
  store_dir: ${JSON.stringify(storeFolder)}
}
`;
}
