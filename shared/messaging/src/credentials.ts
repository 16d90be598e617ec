import { InferenceError } from "@sluice/protocol";
import type { Secret } from "@sluice/runtime";
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

/** The credentials as the NATS client takes them. @throws {InferenceError} `invalidArgument` when a text is not of its form. */
export function toAuthentication(
  credentials: Credentials,
): Pick<ConnectionOptions, "token" | "user" | "pass" | "authenticator"> {
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
