import { describe, expect, test } from "vitest";
import { requestDefaults } from "@sluice/protocol";
import { CallTable } from "./call-table.ts";
import { createOpenCall, type OpenCall } from "./open-call.ts";
import { ResultReader } from "./result-reader.ts";

function createCall(): OpenCall {
  const request = { ...requestDefaults, id: "", inputs: [], body: [] };
  const reader = new ResultReader(
    () => {},
    () => {},
  );
  return createOpenCall({ request, reader, nowMs: 0 });
}

function fill(table: CallTable, count: number): OpenCall[] {
  return Array.from({ length: count }, () => {
    const call = createCall();
    table.add(call);
    return call;
  });
}

describe("CallTable", () => {
  test("finds every open call by its id, however many there are", () => {
    const table = new CallTable("c-0-");
    const calls = fill(table, 1000);
    expect(table.size).toBe(1000);
    expect(calls.every((call) => table.get(call.request.id) === call)).toBe(true);
  });

  test("never gives an id twice and passes over the slots of calls that stay open", () => {
    const table = new CallTable("c-0-");
    const stays = fill(table, 20);
    const ids = new Set(stays.map((call) => call.request.id));
    for (let round = 0; round < 200; round++) {
      for (const call of fill(table, 3)) {
        ids.add(call.request.id);
        table.remove(call);
      }
    }
    expect(ids.size).toBe(620);
    expect(stays.every((call) => table.get(call.request.id) === call)).toBe(true);
    expect(table.calls()).toEqual(stays);
  });

  test("does not take the id of a call that has ended for the one in its slot", () => {
    const table = new CallTable("c-0-");
    const [ended] = fill(table, 1);
    const endedId = ended?.request.id ?? "";
    if (ended !== undefined) table.remove(ended);
    for (const call of fill(table, 200)) expect(table.get(call.request.id)).toBe(call);
    expect(table.get(endedId)).toBeUndefined();
  });

  test.each(["", "c-0-", "c-0-1x", "c-0--1", "c-0-1.5", "c-0-01", "other-0-0", "c-0-Infinity"])(
    "finds nothing for %j",
    (id) => {
      const table = new CallTable("c-0-");
      fill(table, 3);
      expect(table.get(id)).toBeUndefined();
    },
  );

  test("gives a call that is put in again another id and lists it last", () => {
    const table = new CallTable("c-0-");
    const [first, second] = fill(table, 2);
    if (first === undefined || second === undefined) throw new Error("expected two calls");
    const { id } = first.request;
    table.remove(first);
    table.add(first);
    expect(table.get(id)).toBeUndefined();
    expect(table.get(first.request.id)).toBe(first);
    expect(table.calls()).toEqual([second, first]);
  });
});
