import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { codes, isCode } from "./code.ts";

test("the table of docs/protocol.md lists every code, in the same order", async () => {
  const page = await readFile(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
  const section = page.slice(page.indexOf("\n## Codes\n"));
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(listed).toEqual([...codes]);
});

test("isCode() knows the codes and nothing else", () => {
  expect(codes.every(isCode)).toBe(true);
  for (const other of ["OK", "", "toString", undefined, 3]) expect(isCode(other)).toBe(false);
});
