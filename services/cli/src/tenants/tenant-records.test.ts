import type { KeyValue } from "@sluice/messaging";
import { buckets } from "@sluice/protocol";
import { createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { groupKind, tenantKind } from "./record-kind.ts";
import { changeRecord, findRecord, listRecords, removeRecord } from "./tenant-records.ts";

const acme = { kind: tenantKind, name: "acme" };

async function aBucket(): Promise<KeyValue> {
  const nats = createMemoryNats({ clock: createFakeClock() });
  return nats.connect().keyValue(buckets.tenants);
}

function put(bucket: KeyValue, key: string, text: string): Promise<number> {
  return bucket.put(key, new TextEncoder().encode(text));
}

async function textOf(bucket: KeyValue, key: string): Promise<string> {
  return new TextDecoder().decode((await bucket.get(key))?.value);
}

/** A bucket in which somebody else writes between each of the first `count` reads and what follows it. */
function contested(bucket: KeyValue, count: number): KeyValue {
  let writeCount = 0;
  return {
    ...bucket,
    async get(key) {
      const entry = await bucket.get(key);
      if (writeCount < count) {
        writeCount += 1;
        await put(bucket, key, JSON.stringify({ minShare: writeCount / 100 }));
      }
      return entry;
    },
  };
}

describe("changeRecord()", () => {
  test("begins a record, then changes only what is given", async () => {
    const bucket = await aBucket();
    expect(await changeRecord(bucket, acme, { weight: 3 })).toEqual({ weight: 3, group: "", minShare: 0 });
    const record = { weight: 3, group: "lab", minShare: 0 };
    expect(await changeRecord(bucket, acme, { group: "lab" })).toEqual(record);
    expect(await findRecord(bucket, acme)).toEqual({ name: "acme", record });
  });

  test("keeps what a later version wrote", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.acme", '{"rate":"5/s"}');
    await changeRecord(bucket, acme, { weight: 3 });
    expect(await textOf(bucket, "tenant.acme")).toBe('{"rate":"5/s","weight":3}');
  });

  test("keeps what somebody else wrote meanwhile, whether the record was there before or not", async () => {
    const bucket = await aBucket();
    const first = await changeRecord(contested(bucket, 1), acme, { weight: 3 });
    expect(first).toMatchObject({ weight: 3, minShare: 0.01 });
    const second = await changeRecord(contested(bucket, 2), acme, { weight: 4 });
    expect(second).toMatchObject({ weight: 4, minShare: 0.02 });
  });

  test("gives up when others are always faster", async () => {
    const bucket = await aBucket();
    await expect(changeRecord(contested(bucket, Infinity), acme, { weight: 3 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining('tenant "acme"'),
    });
    expect(await textOf(bucket, "tenant.acme")).not.toContain("weight");
  });

  test("writes nothing when the record would say what it cannot", async () => {
    const bucket = await aBucket();
    await expect(changeRecord(bucket, acme, { weight: "heavy" })).rejects.toMatchObject({
      code: "invalidArgument",
      message: '"weight" is "heavy", expected a number from 0.001 to 1000',
    });
    expect(await bucket.keys()).toEqual([]);
  });

  test("sets a record right that could not be read", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.acme", '{"weight":0,"group":"lab"}');
    expect(await changeRecord(bucket, acme, { weight: 1 })).toMatchObject({ weight: 1, group: "lab" });
  });

  test("refuses a name that is no token", async () => {
    const bucket = await aBucket();
    await expect(changeRecord(bucket, { kind: tenantKind, name: "a.b" }, {})).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining('"tenant" is "a.b"'),
    });
  });
});

describe("listRecords()", () => {
  test("has the records of one kind by name, and says which cannot be read", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.zeta", "{}");
    await put(bucket, "tenant.beta", "[]");
    await put(bucket, "tenant.gone", "{}");
    await put(bucket, "group.lab", '{"weight":2}');
    await put(bucket, "default", "{}");
    await put(bucket, "key.4f2a", "{}");
    await bucket.delete("tenant.gone");
    expect(await listRecords(bucket, tenantKind)).toEqual([
      { name: "beta", problem: '"tenant record" is a list of 0, expected a map' },
      { name: "zeta", record: { weight: 1, group: "", minShare: 0 } },
    ]);
    expect(await listRecords(bucket, groupKind)).toEqual([{ name: "lab", record: { weight: 2 } }]);
  });
});

describe("removeRecord()", () => {
  test("tells what it removed, even if it cannot be read, and nothing when there was nothing", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.acme", "{");
    expect(await removeRecord(bucket, acme)).toMatchObject({ name: "acme", problem: expect.any(String) });
    expect(await removeRecord(bucket, acme)).toBeUndefined();
    expect(await findRecord(bucket, acme)).toBeUndefined();
  });

  test("removes only what it tells, where somebody changes the record meanwhile", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.acme", "{}");
    expect(await removeRecord(contested(bucket, 2), acme)).toMatchObject({ record: { minShare: 0.02 } });
    expect(await findRecord(bucket, acme)).toBeUndefined();
  });

  test("gives up when others are always faster", async () => {
    const bucket = await aBucket();
    await put(bucket, "tenant.acme", "{}");
    await expect(removeRecord(contested(bucket, Infinity), acme)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("nothing was removed"),
    });
    expect(await findRecord(bucket, acme)).toBeDefined();
  });
});
