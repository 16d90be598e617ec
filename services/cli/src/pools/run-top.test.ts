import { connectMessaging } from "@sluice/messaging";
import { buckets, encodePoolRecord } from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
import { createGate, startNatsServer } from "@sluice/testing";
import { expect, test } from "vitest";
import { runTop } from "./run-top.ts";

test("top goes on through an outage of its server, and says what is the matter meanwhile", async () => {
  await using server = await startNatsServer();
  await using owner = await connectMessaging({
    servers: [server.url],
    name: "owner",
    log: silentLogger,
    clock: systemClock,
  });
  const bucket = await owner.keyValue(buckets.pools);
  await bucket.put("gpu", encodePoolRecord({ owner: "d1", epoch: 1, state: "owned" }));
  const [before, meanwhile, after] = [createGate(), createGate(), createGate()];
  const stop = new Error("the test has seen enough");
  const context = {
    env: { NATS_URL: server.url },
    folder: "/nowhere",
    clock: systemClock,
    note: () => undefined,
    print: (line: string) => {
      const { pool, code } = JSON.parse(line);
      if (pool === undefined) meanwhile.open();
      else if (meanwhile.isOpen) after.open();
      else before.open();
      expect(code).toBe("unavailable");
      if (after.isOpen) throw stop;
    },
  };
  const running = runTop(context, { json: true, intervalMs: 10 });
  const ended = expect(running).rejects.toBe(stop);
  await before.pass();
  await server.kill();
  await meanwhile.pass();
  await server.restart();
  await ended;
});
