import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { groupByLength } from "./length-groups.ts";

interface Member {
  readonly id: number;
  readonly rows: readonly { readonly length: number }[];
  readonly length: number;
}

function aMember(id: number, lengths: readonly number[]): Member {
  return { id, rows: lengths.map((length) => ({ length })), length: Math.max(...lengths) };
}

const lengths = fc.array(fc.integer({ min: 0, max: 512 }), { minLength: 1, maxLength: 4 });
const members = fc
  .array(lengths, { maxLength: 40 })
  .map((all) => all.map((rowLengths, id) => aMember(id, rowLengths)));

describe("groupByLength()", () => {
  test("keeps texts of similar length together", () => {
    const groups = groupByLength(
      [20, 22, 19, 21].map((length, id) => aMember(id, [length])),
      { maxRows: 8 },
    );
    expect(groups).toHaveLength(1);
  });

  test("keeps a long text apart from many short ones", () => {
    const all = [...Array.from({ length: 8 }, (_, id) => aMember(id, [10])), aMember(8, [200])];
    expect(groupByLength(all, { maxRows: 16 }).map((group) => group.length)).toEqual([8, 1]);
  });

  test("loses nobody, keeps members whole, and exceeds neither rows nor padding", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 16 }), (all, maxRows) => {
        const groups = groupByLength(all, { maxRows });
        expect(
          groups
            .flat()
            .map(({ id }) => id)
            .sort((a, b) => a - b),
        ).toEqual(all.map(({ id }) => id));
        for (const group of groups) {
          if (group.length === 1) continue;
          const rows = group.flatMap((member) => member.rows);
          const elements = rows.reduce((total, { length }) => total + length, 0);
          const longest = Math.max(...rows.map(({ length }) => length));
          expect(rows.length).toBeLessThanOrEqual(maxRows);
          expect(rows.length * longest - elements).toBeLessThanOrEqual(Math.max(64, elements * 0.25));
        }
      }),
    );
  });
});
