import { Secret } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { canSign, type Credentials, toAuthentication } from "./credentials.ts";

/** Made for this test: no server knows it. */
const seed = "SUAPRC4GDH7ODTXHI3EJ3I45WBSXU33DCAXHKMU4MNUVFIEK5GBV5I4BNA";
const block = (text: string): string => `-----BEGIN-----\n${text}\n------END------`;
const creds = `${block("a.jwt")}\n\n${block(seed)}`;

describe("toAuthentication()", () => {
  test("signs with an nkey, and with the one in a .creds file, whether or not its last line has an end", () => {
    const nkey = toAuthentication({ kind: "nkey", seed: new Secret(seed) });
    expect(nkey.authenticator).toBeTypeOf("function");
    for (const text of [creds, `${creds}\n`, `${creds}\n\n***\n`]) {
      expect(canSign({ kind: "creds", creds: new Secret(text) })).toBe(true);
    }
  });

  test.each([
    { kind: "jwt", jwt: "OTHER" },
    { kind: "token", token: "OTHER" },
    { kind: "password", password: new Secret("OTHER") },
    {},
  ])("refuses credentials of no kind or with a bare secret, without showing them: %#", (given) => {
    const credentials = given as Credentials;
    expect(() => toAuthentication(credentials)).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringMatching(/expected \{ kind: "token", token \}.*new Secret/),
      }),
    );
    expect(() => toAuthentication(credentials)).not.toThrow("OTHER");
  });

  test.each([
    ["nkey", { kind: "nkey", seed: new Secret("SUAOTHER") }, "seed of an nkey"],
    ["creds", { kind: "creds", creds: new Secret(block("a.jwt")) }, "a .creds file"],
    [
      "creds",
      { kind: "creds", creds: new Secret(`${block("a.jwt")}\n${block("SUAOTHER")}`) },
      "a .creds file",
    ],
  ] as const)("refuses another text as %s, without showing it", (_kind, credentials, expected) => {
    const refusal = expect.objectContaining({ code: "invalidArgument" });
    expect(() => toAuthentication(credentials)).toThrow(refusal);
    expect(() => toAuthentication(credentials)).toThrow(expected);
    expect(() => toAuthentication(credentials)).not.toThrow("OTHER");
  });
});
