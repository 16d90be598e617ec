import type { KeyValue } from "@sluice/messaging";
import {
  buckets,
  defaultClassDefaults,
  encodeDefaultClassRecord,
  encodeGroupRecord,
  encodeTenantRecord,
  tenantKeys,
  tenantRecordDefaults,
  type DefaultClassRecord,
  type TenantRecord,
} from "@sluice/protocol";
import {
  collectEvents,
  createFakeClock,
  createMemoryNats,
  type EventCollector,
  type FakeClock,
  type MemoryNats,
} from "@sluice/testing";
import { describe, expect, test } from "vitest";
import type { DispatcherEvent } from "../event.ts";
import { createTenantDirectory, type TenantDirectory } from "./tenant-directory.ts";

interface Setting {
  readonly clock: FakeClock;
  readonly nats: MemoryNats;
  /** The bucket, as an operator writes it. */
  readonly bucket: KeyValue;
  tenant(name: string, fields?: Partial<TenantRecord>): Promise<number>;
  defaultClass(fields: Partial<DefaultClassRecord>): Promise<number>;
  garbage(key: string): Promise<number>;
}

async function aBucket(): Promise<Setting> {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const opening = nats.connect().keyValue(buckets.tenants);
  await clock.settle();
  const bucket = await opening;
  const put = async (key: string, value: Uint8Array): Promise<number> => {
    const writing = bucket.put(key, value);
    await clock.settle();
    return writing;
  };
  return {
    clock,
    nats,
    bucket,
    tenant: (name, fields = {}) =>
      put(tenantKeys.tenant(name), encodeTenantRecord({ ...tenantRecordDefaults, ...fields })),
    defaultClass: (fields) =>
      put(tenantKeys.defaultClass(), encodeDefaultClassRecord({ ...defaultClassDefaults, ...fields })),
    garbage: (key) => put(key, new TextEncoder().encode('{"weight":0}')),
  };
}

interface Started {
  readonly directory: TenantDirectory;
  readonly events: EventCollector<DispatcherEvent>;
}

async function startDirectory({ clock, nats }: Setting, messaging = nats.connect()): Promise<Started> {
  const events = collectEvents<DispatcherEvent>();
  const opening = messaging.keyValue(buckets.tenants);
  await clock.settle();
  const directory = createTenantDirectory({ bucket: await opening, onEvent: events.onEvent });
  const starting = directory.start();
  await clock.settle();
  await starting;
  return { directory, events };
}

const everything = {
  kind: "admitted",
  limits: { models: undefined, maxQueueSeconds: Infinity, quota: undefined },
};

describe("createTenantDirectory()", () => {
  test("admits everybody with an equal share while the bucket is empty", async () => {
    const { directory } = await startDirectory(await aBucket());
    expect(directory.tenant("acme")).toEqual({
      class: "normal",
      group: "",
      weight: 1,
      minShare: 0,
      maxInFlight: Infinity,
    });
    expect(directory.group("lab")).toEqual({ weight: 1, minShare: 0, maxInFlight: Infinity });
    expect(directory.groupAdmission("lab")).toEqual(everything);
    expect(directory.admission("acme")).toEqual(everything);
  });

  test("tells by its revision that something changed", async () => {
    const setting = await aBucket();
    const { directory } = await startDirectory(setting);
    const before = directory.revision();
    expect(directory.revision()).toBe(before);
    await setting.tenant("acme", { weight: 3 });
    expect(directory.revision()).not.toBe(before);
  });

  test("knows every record once it started", async () => {
    const setting = await aBucket();
    await setting.tenant("acme", {
      class: "urgent",
      weight: 3,
      group: "lab",
      minShare: 0.2,
      maxInFlight: 64,
      models: ["echo"],
      maxQueueSeconds: 2.5,
    });
    await setting.bucket.put(
      tenantKeys.group("lab"),
      encodeGroupRecord({ weight: 2, minShare: 0.4, maxInFlight: 128, models: ["echo", "other"] }),
    );
    const { directory, events } = await startDirectory(setting);
    expect(directory.tenant("acme")).toEqual({
      class: "urgent",
      group: "lab",
      weight: 3,
      minShare: 0.2,
      maxInFlight: 64,
    });
    expect(directory.group("lab")).toEqual({ weight: 2, minShare: 0.4, maxInFlight: 128 });
    expect(directory.admission("acme")).toEqual({
      kind: "admitted",
      limits: { models: new Set(["echo"]), maxQueueSeconds: 2.5 },
    });
    expect(directory.groupAdmission("lab")).toEqual({
      kind: "admitted",
      limits: { models: new Set(["echo", "other"]), maxQueueSeconds: Infinity },
    });
    expect(events.all).toEqual([{ type: "tenantRecordsRead", tenantCount: 1, groupCount: 1 }]);
  });

  test("follows every change, and tells it", async () => {
    const setting = await aBucket();
    const { directory, events } = await startDirectory(setting);
    await setting.tenant("acme", { weight: 3 });
    expect(directory.tenant("acme").weight).toBe(3);
    await setting.bucket.delete(tenantKeys.tenant("acme"));
    await setting.clock.settle();
    expect(directory.tenant("acme").weight).toBe(1);
    const change = { type: "tenantRecordChanged", key: "tenant.acme" };
    expect(events.all.slice(1)).toEqual([change, change]);
  });

  test("gives a tenant without record what the default class has", async () => {
    const setting = await aBucket();
    const { directory } = await startDirectory(setting);
    await setting.tenant("acme");
    await setting.defaultClass({ weight: 0.5, group: "guests", models: ["echo"], maxQueueSeconds: 4 });
    expect(directory.tenant("stranger")).toMatchObject({ weight: 0.5, group: "guests" });
    expect(directory.admission("stranger")).toEqual({
      kind: "admitted",
      limits: { models: new Set(["echo"]), maxQueueSeconds: 4 },
    });
    expect(directory.tenant("acme")).toMatchObject({ weight: 1, group: "" });
    expect(directory.admission("acme")).toEqual(everything);
  });

  test("does not know tenants without record while the default class denies them", async () => {
    const setting = await aBucket();
    const { directory } = await startDirectory(setting);
    await setting.defaultClass({ unknownTenants: "deny" });
    expect(directory.admission("acme")).toEqual({ kind: "unknown" });
    await setting.tenant("acme");
    expect(directory.admission("acme")).toEqual(everything);
    await setting.bucket.delete(tenantKeys.defaultClass());
    await setting.clock.settle();
    expect(directory.admission("stranger")).toEqual(everything);
  });

  test("gives all tenants without record one frozen object, and a tenant the same until its record changes", async () => {
    const setting = await aBucket();
    await setting.tenant("acme", { weight: 3 });
    const { directory } = await startDirectory(setting);
    expect(directory.tenant("a")).toBe(directory.tenant("b"));
    expect(directory.admission("a")).toBe(directory.admission("b"));
    expect(directory.group("a")).toBe(directory.group("b"));
    const before = directory.tenant("acme");
    expect(directory.tenant("acme")).toBe(before);
    for (const each of [directory.tenant("a"), before, directory.group("a"), directory.admission("a")]) {
      expect(Object.isFrozen(each)).toBe(true);
    }
    await setting.tenant("acme", { weight: 3 });
    expect(directory.tenant("acme")).not.toBe(before);
  });

  test("keeps what held before when a record cannot be read, and tells it", async () => {
    const setting = await aBucket();
    const { directory, events } = await startDirectory(setting);
    await setting.tenant("acme", { weight: 3 });
    await setting.defaultClass({ unknownTenants: "deny" });
    await setting.bucket.put(tenantKeys.group("lab"), encodeGroupRecord({ weight: 2 }));
    for (const key of ["tenant.acme", "default", "group.lab", "tenant.stranger"]) await setting.garbage(key);
    expect(directory.tenant("acme").weight).toBe(3);
    expect(directory.admission("acme")).toEqual(everything);
    expect(directory.group("lab").weight).toBe(2);
    expect(directory.admission("stranger")).toEqual({ kind: "unknown" });
    expect(events.count("tenantRecordUnreadable")).toBe(4);
    expect(await events.next("tenantRecordUnreadable")).toMatchObject({
      key: "tenant.acme",
      error: { code: "invalidArgument", message: expect.stringContaining('"weight" is 0') },
    });
  });

  test("refuses whose record cannot be read when it starts, until it can", async () => {
    const setting = await aBucket();
    await setting.garbage("tenant.acme");
    await setting.garbage("group.lab");
    const { directory, events } = await startDirectory(setting);
    expect(directory.admission("acme")).toEqual({ kind: "unreadable" });
    expect(directory.admission("other")).toEqual(everything);
    expect(directory.group("lab").weight).toBe(1);
    expect(directory.groupAdmission("lab")).toEqual({ kind: "unreadable" });
    expect(directory.groupAdmission("other")).toEqual(everything);
    expect(events.count("tenantRecordUnreadable")).toBe(2);
    await setting.tenant("acme");
    expect(directory.admission("acme")).toEqual(everything);
    await setting.bucket.put(tenantKeys.group("lab"), encodeGroupRecord({ weight: 2 }));
    expect(directory.groupAdmission("lab")).toEqual(everything);
  });

  test("refuses every tenant without record when that of the default class cannot be read as it starts", async () => {
    const setting = await aBucket();
    await setting.tenant("acme");
    await setting.garbage("default");
    const { directory } = await startDirectory(setting);
    expect(directory.admission("stranger")).toEqual({ kind: "unreadable" });
    expect(directory.admission("acme")).toEqual(everything);
    await setting.defaultClass({});
    expect(directory.admission("stranger")).toEqual(everything);
  });

  test("leaves keys alone that it does not know", async () => {
    const setting = await aBucket();
    await setting.garbage("key.4f2a");
    const { events } = await startDirectory(setting);
    expect(events.all).toEqual([{ type: "tenantRecordsRead", tenantCount: 0, groupCount: 0 }]);
  });

  test("learns what changed while the connection was lost, and tells only that", async () => {
    const setting = await aBucket();
    const messaging = setting.nats.connect();
    await setting.tenant("acme", { weight: 3 });
    await setting.tenant("other", { weight: 5 });
    const { directory, events } = await startDirectory(setting, messaging);
    setting.nats.disconnect(messaging);
    await setting.tenant("acme", { weight: 4 });
    await setting.bucket.delete(tenantKeys.tenant("other"));
    await setting.clock.settle();
    expect(directory.tenant("acme").weight).toBe(3);
    await setting.tenant("third");
    setting.nats.reconnect(messaging);
    await setting.clock.settle();
    expect(directory.tenant("acme").weight).toBe(4);
    expect(directory.tenant("other").weight).toBe(1);
    expect(events.count("tenantRecordChanged")).toBe(3);
    setting.nats.disconnect(messaging);
    setting.nats.reconnect(messaging);
    await setting.clock.settle();
    expect(events.count("tenantRecordChanged")).toBe(3);
  });

  test("follows nothing more once it is stopped", async () => {
    const setting = await aBucket();
    const { directory } = await startDirectory(setting);
    directory.stop();
    await setting.tenant("acme", { weight: 3 });
    expect(directory.tenant("acme").weight).toBe(1);
  });
});
