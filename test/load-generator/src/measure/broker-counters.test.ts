import { once } from "node:events";
import { createServer } from "node:http";
import { connectMessaging } from "@sluice/messaging";
import { silentLogger, systemClock } from "@sluice/runtime";
import { startNatsServer } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { readBrokerCounters } from "./broker-counters.ts";

describe("readBrokerCounters()", () => {
  test("counts the messages and bytes that a nats-server passes on", async () => {
    await using nats = await startNatsServer({ monitoring: true });
    const url = nats.monitoringUrl ?? "";
    const options = { servers: [nats.url], name: "test", log: silentLogger, clock: systemClock };
    const messaging = await connectMessaging(options);
    const before = await readBrokerCounters(url);
    messaging.publish("nobody.listens", new Uint8Array(10));
    await messaging.flush();
    const after = await readBrokerCounters(url);
    await messaging.close();
    expect(after.publishedCount - before.publishedCount).toBe(1);
    expect(after.publishedBytes - before.publishedBytes).toBe(10);
    expect(after.deliveredCount).toBe(before.deliveredCount);
    expect(after.deliveredBytes).toBe(before.deliveredBytes);
  });

  test("refuses what is no server's counters", async () => {
    const server = createServer((_request, response) => response.end('{"in_msgs": "many"}')).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await expect(readBrokerCounters(`http://127.0.0.1:${port}`)).rejects.toThrow("counters have no in_msgs");
    server.closeAllConnections();
    server.close();
  });
});
