import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitted, frames, requests } from "./arbitraries.ts";
import { cutBySize } from "./cut-by-size.ts";
import { fullPackRows, packHeadBytes } from "./limits.ts";
import { encodeRequestPack } from "./request-pack.ts";
import { encodeResultPack } from "./result-pack.ts";
import { frameBytes, requestBytes } from "./row-bytes.ts";
import { encodeWorkBatch } from "./work.ts";

describe("cutBySize()", () => {
  test("loses nothing, keeps the order, fits every pack and opens none too early", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 })), fc.integer({ min: 1, max: 100 }), (sizes, budget) => {
        const rows = sizes.map((bytes, index) => ({ bytes, index }));
        const { packs, tooLarge } = cutBySize(rows, ({ bytes }) => bytes, budget + packHeadBytes);
        const total = (pack: typeof rows): number => pack.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(packs.flat()).toEqual(rows.filter(({ bytes }) => bytes <= budget));
        expect(tooLarge).toEqual(rows.filter(({ bytes }) => bytes > budget));
        for (const [index, pack] of packs.entries()) {
          expect(total(pack)).toBeLessThanOrEqual(budget);
          const next = packs[index + 1]?.[0];
          if (next !== undefined) expect(total(pack) + next.bytes).toBeGreaterThan(budget);
        }
      }),
    );
  });

  test("puts no more rows into a pack than its reader takes in one go, however small they are", () => {
    const rows = Array.from({ length: 2 * fullPackRows + 1 }, (_, index) => index);
    const { packs } = cutBySize(rows, () => 1, 2 ** 26);
    expect(packs.map((pack) => pack.length)).toEqual([fullPackRows, fullPackRows, 1]);
    expect(packs.flat()).toEqual(rows);
  });

  test("makes no pack of no rows", () => {
    expect(cutBySize([], () => 1, 2000)).toEqual({ packs: [], tooLarge: [] });
  });
});

const longest = "x".repeat(64);

describe("requestBytes()", () => {
  const bound = (rows: readonly Parameters<typeof requestBytes>[0][]): number =>
    rows.reduce((total, row) => total + requestBytes(row), packHeadBytes);

  test("bounds what requests take in a pack", () => {
    fc.assert(
      fc.property(requests, (rows) => {
        expect(encodeRequestPack(rows).byteLength).toBeLessThanOrEqual(bound(rows));
      }),
    );
  });

  test("bounds what admitted requests take in a batch with the longest names", () => {
    fc.assert(
      fc.property(admitted, (rows) => {
        const names = { batchId: longest, creditId: longest, pool: longest, model: longest };
        const batch = {
          kind: "batch",
          ...names,
          epoch: Number.MAX_SAFE_INTEGER,
          isReportAwaited: true,
        } as const;
        expect(encodeWorkBatch({ ...batch, requests: rows }).byteLength).toBeLessThanOrEqual(bound(rows));
      }),
    );
  });
});

describe("frameBytes()", () => {
  test("bounds what frames take in a pack with the longest names", () => {
    fc.assert(
      fc.property(frames, (rows) => {
        const bytes = encodeResultPack({
          worker: longest,
          packId: longest,
          model: longest,
          version: longest,
          frames: rows,
        });
        const bound = rows.reduce((total, row) => total + frameBytes(row), packHeadBytes);
        expect(bytes.byteLength).toBeLessThanOrEqual(bound);
      }),
    );
  });
});
