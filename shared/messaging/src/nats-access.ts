import { ConfigError, list, readableFile, secret, secretFile, setting } from "@sluice/runtime";
import type { ConfigProblem } from "@sluice/runtime";
import type { TlsFiles } from "./connect-messaging.ts";
import { canSign, credentialForms, type Credentials } from "./credentials.ts";
import { isServerUrl, serverUrlForm } from "./server-url.ts";

/** Who a process is to the NATS servers, and how it trusts them. */
export interface NatsLogin {
  readonly credentials?: Credentials;
  readonly tls?: TlsFiles;
}

/** Which NATS servers a process connects to, and who it is to them. */
export interface NatsAccess extends NatsLogin {
  readonly servers: readonly string[];
}

/** The environment variables of a login, as pieces of the schema of a configuration. */
export const natsLoginSettings = {
  SLUICE_NATS_USER: setting("a user name", (text) => (text === "" ? undefined : text)).optional(),
  SLUICE_NATS_PASSWORD: secret().optional(),
  SLUICE_NATS_TOKEN: secret().optional(),
  SLUICE_NATS_CREDS_FILE: secretFile()
    .refine((creds) => canSign({ kind: "creds", creds }), `expected the path of ${credentialForms.creds}`)
    .optional(),
  SLUICE_NATS_NKEY_FILE: secretFile()
    .refine((seed) => canSign({ kind: "nkey", seed }), `expected a file with ${credentialForms.nkey}`)
    .optional(),
  SLUICE_NATS_CA_FILE: readableFile().optional(),
  SLUICE_NATS_CERT_FILE: readableFile().optional(),
  SLUICE_NATS_KEY_FILE: readableFile().optional(),
};

/** Those, and which servers; a server on this machine by default. */
export const natsAccessSettings = {
  SLUICE_NATS_URL: list()
    .refine((urls) => urls.every(isServerUrl), `expected ${serverUrlForm}, separated by commas`)
    .default(["nats://127.0.0.1:4222"]),
  ...natsLoginSettings,
};

type ReadBy<Settings extends Readonly<Record<string, { parse(value: unknown): unknown }>>> = {
  readonly [Name in keyof Settings]?: ReturnType<Settings[Name]["parse"]>;
};

/** What was read by {@link natsLoginSettings}. */
type LoginRead = ReadBy<typeof natsLoginSettings>;

/** @throws {ConfigError} as {@link natsLogin} does. */
export function natsAccess(read: LoginRead & { readonly SLUICE_NATS_URL: readonly string[] }): NatsAccess {
  return { servers: read.SLUICE_NATS_URL, ...natsLogin(read) };
}

/**
 * Makes a login of what was read; nothing where nothing was said.
 * @throws {ConfigError} when there are several, or half of one; lists every problem.
 */
export function natsLogin(read: LoginRead): NatsLogin {
  const [credentials, ...others] = credentialsIn(read);
  const tls = tlsIn(read);
  const problems = [
    ...halves(read, "SLUICE_NATS_USER", "SLUICE_NATS_PASSWORD"),
    ...halves(read, "SLUICE_NATS_CERT_FILE", "SLUICE_NATS_KEY_FILE"),
    ...(others.length > 0 ? [severalLogins] : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...(credentials && { credentials }), ...(tls && { tls }) };
}

const severalLogins = betweenVariables(
  "expected one of SLUICE_NATS_USER, SLUICE_NATS_TOKEN, SLUICE_NATS_CREDS_FILE and SLUICE_NATS_NKEY_FILE at most",
);

function credentialsIn(read: LoginRead): Credentials[] {
  const {
    SLUICE_NATS_USER: user,
    SLUICE_NATS_PASSWORD: password,
    SLUICE_NATS_TOKEN: token,
    SLUICE_NATS_CREDS_FILE: creds,
    SLUICE_NATS_NKEY_FILE: seed,
  } = read;
  const found: Credentials[] = [];
  if (user !== undefined && password !== undefined) found.push({ kind: "password", user, password });
  if (token !== undefined) found.push({ kind: "token", token });
  if (creds !== undefined) found.push({ kind: "creds", creds });
  if (seed !== undefined) found.push({ kind: "nkey", seed });
  return found;
}

function tlsIn(read: LoginRead): TlsFiles | undefined {
  const {
    SLUICE_NATS_CA_FILE: caFile,
    SLUICE_NATS_CERT_FILE: certFile,
    SLUICE_NATS_KEY_FILE: keyFile,
  } = read;
  if (caFile === undefined && certFile === undefined) return undefined;
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
}

/** Two variables that say nothing without each other. */
function halves(read: LoginRead, one: keyof LoginRead, other: keyof LoginRead): ConfigProblem[] {
  const isWhole = (read[one] === undefined) === (read[other] === undefined);
  return isWhole ? [] : [betweenVariables(`expected ${one} and ${other} together`)];
}

function betweenVariables(expected: string): ConfigProblem {
  return { variable: "", given: undefined, expected };
}
