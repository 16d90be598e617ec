import { describe, expect, test } from "vitest";
import { decodePack, encodePack } from "./pack.ts";

describe("encodePack() of the floor prototype", () => {
  test("gives back ids, replies and bodies of every row", () => {
    const rows = [
      { id: 7, reply: "_INBOX.a", body: Uint8Array.of(1, 2, 3) },
      { id: 8, reply: "_INBOX.b", body: new Uint8Array(0) },
      { id: 4_000_000_000, reply: "_INBOX.a", body: Uint8Array.of(9) },
    ];
    const pack = decodePack(encodePack(rows, 42));
    expect(pack.tag).toBe(42);
    expect(pack.rows.map((row) => ({ ...row, body: [...row.body] }))).toEqual(
      rows.map((row) => ({ ...row, body: [...row.body] })),
    );
  });
});
