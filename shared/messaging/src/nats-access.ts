import { ConfigError, readableFile, secret, secretFile, setting } from "@sluice/runtime";
import type { Secret } from "@sluice/runtime";
import type { Credentials, TlsFiles } from "./connect-messaging.ts";

/** Who a process is to the NATS servers, and how it trusts them. */
export interface NatsLogin {
  readonly credentials?: Credentials;
  readonly tls?: TlsFiles;
}

/** The environment variables of a login, as pieces of the schema of a configuration. */
export const natsLoginSettings = {
  SLUICE_NATS_USER: setting("a user name", (text) => (text === "" ? undefined : text)).optional(),
  SLUICE_NATS_PASSWORD: secret().optional(),
  SLUICE_NATS_TOKEN: secret().optional(),
  SLUICE_NATS_CREDS_FILE: secretFile().optional(),
  SLUICE_NATS_NKEY_FILE: secretFile().optional(),
  SLUICE_NATS_CA_FILE: readableFile().optional(),
  SLUICE_NATS_CERT_FILE: readableFile().optional(),
  SLUICE_NATS_KEY_FILE: readableFile().optional(),
};

/** What was read by {@link natsLoginSettings}. */
export interface NatsLoginRead {
  readonly SLUICE_NATS_USER?: string | undefined;
  readonly SLUICE_NATS_PASSWORD?: Secret | undefined;
  readonly SLUICE_NATS_TOKEN?: Secret | undefined;
  readonly SLUICE_NATS_CREDS_FILE?: Secret | undefined;
  readonly SLUICE_NATS_NKEY_FILE?: Secret | undefined;
  readonly SLUICE_NATS_CA_FILE?: string | undefined;
  readonly SLUICE_NATS_CERT_FILE?: string | undefined;
  readonly SLUICE_NATS_KEY_FILE?: string | undefined;
}

/**
 * Makes a login of what was read; nothing where nothing was said.
 * @throws {ConfigError} when there are several, or half of one.
 */
export function natsLogin(read: NatsLoginRead): NatsLogin {
  const [credentials, ...others] = credentialsIn(read);
  if (others.length > 0) {
    throw betweenVariables(
      "expected one of SLUICE_NATS_USER, SLUICE_NATS_TOKEN, SLUICE_NATS_CREDS_FILE and SLUICE_NATS_NKEY_FILE at most",
    );
  }
  const tls = tlsIn(read);
  return { ...(credentials && { credentials }), ...(tls && { tls }) };
}

function credentialsIn(read: NatsLoginRead): Credentials[] {
  const {
    SLUICE_NATS_USER: user,
    SLUICE_NATS_PASSWORD: password,
    SLUICE_NATS_TOKEN: token,
    SLUICE_NATS_CREDS_FILE: creds,
    SLUICE_NATS_NKEY_FILE: seed,
  } = read;
  if ((user === undefined) !== (password === undefined)) {
    throw betweenVariables("expected SLUICE_NATS_USER and SLUICE_NATS_PASSWORD together");
  }
  const found: Credentials[] = [];
  if (user !== undefined && password !== undefined) found.push({ kind: "password", user, password });
  if (token !== undefined) found.push({ kind: "token", token });
  if (creds !== undefined) found.push({ kind: "creds", creds });
  if (seed !== undefined) found.push({ kind: "nkey", seed });
  return found;
}

function tlsIn(read: NatsLoginRead): TlsFiles | undefined {
  const {
    SLUICE_NATS_CA_FILE: caFile,
    SLUICE_NATS_CERT_FILE: certFile,
    SLUICE_NATS_KEY_FILE: keyFile,
  } = read;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw betweenVariables("expected SLUICE_NATS_CERT_FILE and SLUICE_NATS_KEY_FILE together");
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
}

function betweenVariables(expected: string): ConfigError {
  return new ConfigError([{ variable: "", given: undefined, expected }]);
}
