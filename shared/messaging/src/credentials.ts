import { InferenceError } from "@sluice/protocol";
import { Secret } from "@sluice/runtime";
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from "nats";

/** Who the connection is. At most one kind; none for servers without authentication. */
export type Credentials =
  | { readonly kind: "token"; readonly token: Secret }
  | { readonly kind: "password"; readonly user: string; readonly password: Secret }
  /** Seed of an nkey. */
  | { readonly kind: "nkey"; readonly seed: Secret }
  /** Text of a `.creds` file: a JWT and its seed. */
  | { readonly kind: "creds"; readonly creds: Secret };

/** What texts of credentials are to be. */
export const credentialForms = {
  nkey: "the seed of an nkey, such as SU…",
  creds: "a .creds file: a JWT and the seed of an nkey, each between two lines of dashes",
} as const;

/** Which field of each kind is the secret. */
const secretFields: Readonly<Record<Credentials["kind"], string>> = {
  token: "token",
  password: "password",
  nkey: "seed",
  creds: "creds",
};

/**
 * The credentials as the NATS client takes them.
 * @throws {InferenceError} `invalidArgument` when they are of no kind, their secret is no {@link Secret}, or a text is not of its form.
 */
export function toAuthentication(
  credentials: Credentials,
): Pick<ConnectionOptions, "token" | "user" | "pass" | "authenticator"> {
  if (!isOfAKind(credentials)) throw noCredentials();
  const { kind } = credentials;
  if (kind === "token") return { token: credentials.token.reveal() };
  if (kind === "password") return { user: credentials.user, pass: credentials.password.reveal() };
  if (!canSign(credentials)) {
    throw new InferenceError(
      "invalidArgument",
      `the text of the credentials is something else, expected ${credentialForms[kind]}`,
    );
  }
  return { authenticator: authenticatorOf(credentials) };
}

/** What a caller gave who was not told by a compiler what to give. */
function isOfAKind(credentials: Credentials): boolean {
  const { kind } = credentials;
  if (!Object.hasOwn(secretFields, kind)) return false;
  const secret: unknown = Reflect.get(credentials, secretFields[kind]);
  return secret instanceof Secret && (kind !== "password" || typeof credentials.user === "string");
}

/** Not shown: it may hold a secret that is not wrapped. */
function noCredentials(): InferenceError {
  return new InferenceError(
    "invalidArgument",
    'the credentials are something else, expected { kind: "token", token }, { kind: "password", user, password }, { kind: "nkey", seed } or { kind: "creds", creds } with new Secret("…") as their secret',
  );
}

type SigningCredentials = Extract<Credentials, { readonly kind: "nkey" | "creds" }>;

/** Whether a text is of its form; the NATS client would find that out only when a server asks. */
export function canSign(credentials: SigningCredentials): boolean {
  try {
    authenticatorOf(credentials)("a nonce");
    return true;
  } catch {
    return false;
  }
}

function authenticatorOf(credentials: SigningCredentials): ReturnType<typeof nkeyAuthenticator> {
  const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  return credentials.kind === "nkey"
    ? nkeyAuthenticator(toBytes(credentials.seed.reveal()))
    : // The NATS client looks for whole lines, the last one included.
      credsAuthenticator(toBytes(`${credentials.creds.reveal()}\n`));
}
