import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { expect, test } from "vitest";
import type { CliContext } from "./cli-context.ts";
import { endingOf } from "./exit-code.ts";
import { reachServer } from "./reach-server.ts";

const context: CliContext = {
  env: {},
  folder: "/nowhere",
  clock: createFakeClock(),
  print: () => {},
  note: () => {},
};

test("servers separated by commas are several, whatever the command", async () => {
  const servers = await reachServer(context, { nats: "nats://a,nats://b" }, async (urls) => urls);
  expect(servers).toEqual(["nats://a", "nats://b"]);
});

test("a server that cannot be reached is named with where its address came from and why it cannot", async () => {
  const unreachable = reachServer(context, { nats: "nats://a" }, async () => {
    throw new InferenceError("unavailable", "no NATS server could be reached", {
      cause: new Error("getaddrinfo ENOTFOUND a"),
    });
  });
  const { line } = endingOf(await unreachable.catch((error: unknown) => error));
  expect(line).toBe(
    "error: unavailable: no NATS server could be reached (nats://a; the address came from --nats) (getaddrinfo ENOTFOUND a)",
  );
});
