import {
  buckets,
  defaultClassDefaults,
  encodeDefaultClassRecord,
  subjects,
  tenantKeys,
} from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster } from "../testing/cluster.ts";
import { createScene } from "../testing/scene.ts";
import { setTenant } from "../testing/set-tenant.ts";
import { idsOf } from "../testing/stub-worker.ts";

async function denyUnknown({ nats, clock }: Cluster): Promise<void> {
  const bucket = await nats.connect().keyValue(buckets.tenants);
  const record = encodeDefaultClassRecord({ ...defaultClassDefaults, unknownTenants: "deny" });
  await bucket.put(tenantKeys.defaultClass(), record);
  await clock.settle();
}

describe("owner - tenants", () => {
  test("refuses every request of a tenant that is not known", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    await denyUnknown(cluster);
    caller.send({ id: "a" }, { id: "b" });
    worker.credit();
    await cluster.clock.settle();
    const refusal = { code: "permissionDenied", message: 'tenant "acme" is not known here', final: true };
    expect(caller.frames).toMatchObject([
      { id: "a", ...refusal },
      { id: "b", ...refusal },
    ]);
    expect(worker.batches).toEqual([]);
    expect(await dispatcher.events.next("requestsRefused")).toMatchObject({ tenant: "acme", count: 2 });
    expect(dispatcher.events.count("requestsAdmitted")).toBe(0);
  });

  test("tells a plain NATS caller in JSON", async () => {
    await using scene = await createScene();
    const { cluster } = scene;
    await denyUnknown(cluster);
    const payload = new TextEncoder().encode(
      JSON.stringify({ id: "1", inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] }),
    );
    const answering = cluster.nats
      .connect()
      .request(subjects.infer("echo", "acme"), payload, { timeoutMs: 1000 });
    await cluster.clock.settle();
    const document = JSON.parse(new TextDecoder().decode((await answering).payload));
    expect(document).toMatchObject({ id: "1", code: "permissionDenied" });
  });

  test("serves a tenant from the moment its record is written", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    await denyUnknown(cluster);
    await setTenant(cluster, "acme");
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(caller.frames).toEqual([]);
  });

  test("refuses a model that is not allowed, naming the allowed ones", async () => {
    await using scene = await createScene();
    const { cluster, caller } = scene;
    await setTenant(cluster, "acme", { models: ["other", "third"] });
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(caller.frames).toMatchObject([
      { id: "a", code: "permissionDenied", message: expect.stringMatching(/"echo".*other, third/) },
    ]);
  });

  test("goes on with what a tenant was let in with before it was denied", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    await denyUnknown(cluster);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(caller.frames).toEqual([]);
  });

  test("obeys from the first request on what was written before the dispatcher started", async () => {
    await using cluster = createCluster();
    await denyUnknown(cluster);
    await cluster.start("d1");
    cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(1000);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(caller.codeOf("a")).toBe("permissionDenied");
  });

  test("goes on with the records it knows while JetStream is away", async () => {
    await using scene = await createScene();
    const { cluster, caller } = scene;
    await denyUnknown(cluster);
    cluster.nats.setJetStreamAvailable(false);
    await cluster.clock.advance(3000);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(caller.codeOf("a")).toBe("permissionDenied");
  });
});
