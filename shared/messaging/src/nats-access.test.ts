import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readableFile, readSettings, Secret, secretFile } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { natsAccess, natsAccessSettings, natsLogin } from "./nats-access.ts";

const secret = new Secret("s3cret");

describe("natsLogin()", () => {
  test.each([
    ["nothing", {}, undefined],
    ["a token", { SLUICE_NATS_TOKEN: secret }, { kind: "token", token: secret }],
    [
      "a user and a password",
      { SLUICE_NATS_USER: "workers", SLUICE_NATS_PASSWORD: secret },
      { kind: "password", user: "workers", password: secret },
    ],
    ["a creds file", { SLUICE_NATS_CREDS_FILE: secret }, { kind: "creds", creds: secret }],
    ["an nkey", { SLUICE_NATS_NKEY_FILE: secret }, { kind: "nkey", seed: secret }],
  ])("makes credentials of %s", (_what, read, credentials) => {
    expect(natsLogin(read)).toEqual(credentials === undefined ? {} : { credentials });
  });

  test("names the files of TLS, a certificate only together with its key", () => {
    const files = { SLUICE_NATS_CERT_FILE: "c.pem", SLUICE_NATS_KEY_FILE: "k.pem" };
    expect(natsLogin({ SLUICE_NATS_CA_FILE: "ca.pem" })).toEqual({ tls: { caFile: "ca.pem" } });
    expect(natsLogin(files)).toEqual({ tls: { certFile: "c.pem", keyFile: "k.pem" } });
    expect(() => natsLogin({ SLUICE_NATS_CERT_FILE: "c.pem" })).toThrow(/CERT_FILE and SLUICE_NATS_KEY_FILE/);
  });

  test("refuses half of a login, and two of them", () => {
    expect(() => natsLogin({ SLUICE_NATS_USER: "workers" })).toThrow(
      /USER and SLUICE_NATS_PASSWORD together/,
    );
    expect(() => natsLogin({ SLUICE_NATS_PASSWORD: secret })).toThrow(
      /USER and SLUICE_NATS_PASSWORD together/,
    );
    expect(() => natsLogin({ SLUICE_NATS_TOKEN: secret, SLUICE_NATS_NKEY_FILE: secret })).toThrow(
      /expected one of/,
    );
  });
});

test("natsLogin() tells every problem at once", () => {
  const read = { SLUICE_NATS_USER: "workers", SLUICE_NATS_CERT_FILE: "c.pem" };
  expect(() => natsLogin(read)).toThrow(
    /USER and SLUICE_NATS_PASSWORD(.|\n)*CERT_FILE and SLUICE_NATS_KEY_FILE/,
  );
});

describe("natsAccessSettings", () => {
  const schema = z.object(natsAccessSettings);

  test("name a server on this machine where nothing is said", () => {
    expect(natsAccess(readSettings(schema, {}))).toEqual({ servers: ["nats://127.0.0.1:4222"] });
  });

  test.each(["nats://a:4222,tls://b", "a:4222, b"])("take the servers %s", (text) => {
    const { servers } = natsAccess(readSettings(schema, { SLUICE_NATS_URL: text }));
    expect(servers).toEqual(text.split(",").map((url) => url.trim()));
  });

  test.each([
    ["http://a", "http://a"],
    ["ws://a", "ws://a"],
    ["nats://", "nats://"],
    ["nats://a,nats://me:s3cret@b", "nats://[redacted]@b"],
    ["nats://s3cret@a", "nats://[redacted]@a"],
    ["me:s3cret@a", "[redacted]@a"],
  ])("refuse the servers %s, and show no password", (text, given) => {
    const problems = [{ variable: "SLUICE_NATS_URL", given, expected: expect.stringMatching(/nats:.*tls:/) }];
    expect(() => readSettings(schema, { SLUICE_NATS_URL: text })).toThrow(
      expect.objectContaining({ problems }),
    );
  });

  test("refuse files of credentials with another text in them, and say which", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-login-"));
    try {
      const path = join(folder, "other");
      await writeFile(path, "not a seed\n");
      const files = { SLUICE_NATS_CREDS_FILE: path, SLUICE_NATS_NKEY_FILE: path };
      const problems = [
        {
          variable: "SLUICE_NATS_CREDS_FILE",
          given: path,
          expected: expect.stringMatching(/a \.creds file/),
        },
        {
          variable: "SLUICE_NATS_NKEY_FILE",
          given: path,
          expected: expect.stringMatching(/seed of an nkey/),
        },
      ];
      expect(() => readSettings(schema, files)).toThrow(expect.objectContaining({ problems }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

test("files are read without the line end behind a secret, and refused when they cannot be read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-login-"));
  try {
    const path = join(folder, "seed");
    await writeFile(path, "SUAEXAMPLE\n");
    expect(secretFile().parse(path).reveal()).toBe("SUAEXAMPLE");
    expect(readableFile().parse(path)).toBe(path);
    expect(secretFile().safeParse(join(folder, "other")).success).toBe(false);
    expect(readableFile().safeParse(folder).success).toBe(false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
