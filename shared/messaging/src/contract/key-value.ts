import { describe, expect, test } from "vitest";
import type { KeyValueEntry } from "../messaging.ts";
import { bytesOf, type CreateServer } from "./server.ts";

export function describeKeyValue(create: CreateServer): void {
  describe("keyValue()", () => {
    test("opens one bucket for all connections", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right] = [await one.keyValue("notes"), await other.keyValue("notes")];
      const revision = await left.put("a.b", bytesOf("1"));
      expect(await right.get("a.b")).toMatchObject({ key: "a.b", revision, isDeleted: false });
      expect([...((await right.get("a.b"))?.value ?? [])]).toEqual([...bytesOf("1")]);
    });

    test("get() of a key that was never written gives undefined", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      expect(await bucket.get("a")).toBeUndefined();
    });

    test("put() replaces, with a growing revision", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const first = await bucket.put("a", bytesOf("1"));
      const second = await bucket.put("a", bytesOf("2"));
      expect(second).toBeGreaterThan(first);
      expect(await bucket.get("a")).toMatchObject({ revision: second });
    });

    test("create() writes a key that does not exist, and no other", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const revision = await bucket.create("a", bytesOf("1"));
      expect(revision).toBe(1);
      expect(await bucket.create("a", bytesOf("2"))).toBeUndefined();
      expect(await bucket.get("a")).toMatchObject({ revision });
    });

    test("create() writes a key that was deleted", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      await bucket.create("a", bytesOf("1"));
      await bucket.delete("a");
      const revision = await bucket.create("a", bytesOf("2"));
      expect(revision).toBe(3);
      expect(await bucket.get("a")).toMatchObject({ revision: 3 });
    });

    test("lets one of several create() calls win", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right] = [await one.keyValue("notes"), await other.keyValue("notes")];
      const results = await Promise.all([left.create("a", bytesOf("l")), right.create("a", bytesOf("r"))]);
      expect(results.filter((revision) => revision !== undefined)).toHaveLength(1);
    });

    test("update() writes over the newest revision only", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const first = await bucket.put("a", bytesOf("1"));
      const second = await bucket.update("a", bytesOf("2"), first);
      expect(second).toBeGreaterThan(first);
      expect(await bucket.update("a", bytesOf("3"), first)).toBeUndefined();
      expect(await bucket.get("a")).toMatchObject({ revision: second });
    });

    test("lets one of several update() calls win", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right] = [await one.keyValue("notes"), await other.keyValue("notes")];
      const revision = await left.put("a", bytesOf("0"));
      const results = await Promise.all([
        left.update("a", bytesOf("l"), revision),
        right.update("a", bytesOf("r"), revision),
      ]);
      expect(results.filter((result) => result !== undefined)).toHaveLength(1);
    });

    test("update() compares revisions of the key alone", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const revision = await bucket.put("a", bytesOf("1"));
      await bucket.put("b", bytesOf("1"));
      expect(await bucket.update("a", bytesOf("2"), revision)).toBe(3);
    });

    test("delete() makes a key disappear from get() and keys()", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      await bucket.put("a", bytesOf("1"));
      await bucket.put("b", bytesOf("1"));
      await bucket.delete("a");
      expect(await bucket.get("a")).toBeUndefined();
      expect(await bucket.keys()).toEqual(["b"]);
    });

    test("delete() with a revision deletes that only", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const first = await bucket.put("a", bytesOf("1"));
      const second = await bucket.put("a", bytesOf("2"));
      expect(await bucket.delete("a", first)).toBe(false);
      expect(await bucket.get("a")).toMatchObject({ revision: second });
      expect(await bucket.delete("a", second)).toBe(true);
      expect(await bucket.get("a")).toBeUndefined();
    });

    test("keys() of an empty bucket is empty", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      expect(await bucket.keys()).toEqual([]);
    });

    test.each(["", "a b", ".a", "a.", "a..b", "a.*", ">"])("refuses the key %j", async (key) => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      await expect(bucket.put(key, bytesOf("1"))).rejects.toMatchObject({ code: "invalidArgument" });
      await expect(bucket.get(key)).rejects.toMatchObject({ code: "invalidArgument" });
    });
  });

  describe("watch()", () => {
    test("tells the keys there are before it resolves, then every change in order", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right] = [await one.keyValue("notes"), await other.keyValue("notes")];
      await left.put("a", bytesOf("1"));
      await left.put("b", bytesOf("1"));
      const entries = createEntries();
      await right.watch(entries.onEntry);
      expect(entries.all.map(({ key }) => key)).toEqual(["a", "b"]);
      await left.put("a", bytesOf("2"));
      await left.delete("b");
      await entries.count(4);
      expect(entries.all.slice(2)).toMatchObject([
        { key: "a", revision: 3, isDeleted: false },
        { key: "b", revision: 4, isDeleted: true },
      ]);
    });

    test("resolves for an empty bucket", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const entries = createEntries();
      await bucket.watch(entries.onEntry);
      await bucket.put("a", bytesOf("1"));
      await entries.count(1);
      expect(entries.all).toMatchObject([{ key: "a" }]);
    });

    test("goes on after a callback threw", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const entries = createEntries();
      await bucket.watch((entry) => {
        entries.onEntry(entry);
        throw new Error("the callback is broken");
      });
      await bucket.put("a", bytesOf("1"));
      await bucket.put("b", bytesOf("1"));
      await entries.count(2);
      expect(entries.all.map(({ key }) => key)).toEqual(["a", "b"]);
    });

    test("tells nothing more once it is stopped", async () => {
      await using server = await create();
      const bucket = await (await server.connect()).keyValue("notes");
      const [stopped, watching] = [createEntries(), createEntries()];
      const watch = await bucket.watch(stopped.onEntry);
      await bucket.watch(watching.onEntry);
      watch.stop();
      await bucket.put("a", bytesOf("1"));
      await watching.count(1);
      expect(stopped.all).toEqual([]);
    });
  });
}

interface Entries {
  readonly all: readonly KeyValueEntry[];
  readonly onEntry: (entry: KeyValueEntry) => void;
  /** Resolves once at least `count` entries have been told. */
  count(count: number): Promise<void>;
}

export function createEntries(): Entries {
  const all: KeyValueEntry[] = [];
  let check: () => void = () => undefined;
  return {
    all,
    onEntry(entry) {
      all.push(entry);
      check();
    },
    count: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (all.length >= count) resolve();
        };
        check();
      }),
  };
}
