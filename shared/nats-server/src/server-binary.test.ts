import { describe, expect, test } from "vitest";
import { checkServerBinary } from "./server-binary.ts";

const printing = (output: string) => async (): Promise<string> => output;

describe("checkServerBinary()", () => {
  test("takes a supported server", async () => {
    const binary = await checkServerBinary("/a/nats-server", printing("nats-server: v2.15.1\n"));

    expect(binary).toEqual({ path: "/a/nats-server", version: "2.15.1" });
  });

  test("refuses an old server and says what is needed", async () => {
    await expect(
      checkServerBinary("/a/nats-server", printing("nats-server: v2.8.4\n")),
    ).rejects.toMatchObject({
      code: "unavailable",
      message: "/a/nats-server is 2.8.4; the oldest supported is 2.9.10",
    });
  });

  test("refuses a program that is something else", async () => {
    await expect(checkServerBinary("/bin/cat", printing("cat 9.1\nCopyright"))).rejects.toThrow(
      '/bin/cat is no nats-server: its --version is "cat 9.1"',
    );
  });
});
