import { describe, expect, test } from "vitest";
import { loginOverrides, readLogin } from "./read-login.ts";

const env = { SLUICE_NATS_USER: "acme", SLUICE_NATS_PASSWORD: "s3cret", SLUICE_NATS_CA_FILE: "/nowhere" };

describe("readLogin()", () => {
  test("takes the variables that the services read", () => {
    const { SLUICE_NATS_CA_FILE: _, ...login } = env;
    expect(readLogin(login, { isOfDev: false })).toMatchObject({
      credentials: { kind: "password", user: "acme" },
    });
    expect(() => readLogin(env, { isOfDev: false })).toThrow(/SLUICE_NATS_CA_FILE/);
  });

  test("is nobody to the server of a `sluice dev`, whatever is said for others", () => {
    expect(readLogin(env, { isOfDev: true })).toEqual({});
    expect(readLogin({ ...env, ...loginOverrides({ isOfDev: true }) }, { isOfDev: false })).toEqual({});
  });
});
