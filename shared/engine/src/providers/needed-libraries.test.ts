import { describe, expect, test } from "vitest";
import { parseMissingLibraries } from "./needed-libraries.ts";

describe("parseMissingLibraries()", () => {
  test("takes the names that were not found, each once", () => {
    const lddOutput = [
      "\tlinux-vdso.so.1 (0x00007ffd5b5f2000)",
      "\tlibcublasLt.so.12 => not found",
      "\tlibcudnn.so.9 => not found",
      "\tlibcublasLt.so.12 => not found",
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1a2b400000)",
    ].join("\n");
    expect(parseMissingLibraries(lddOutput)).toEqual(["libcublasLt.so.12", "libcudnn.so.9"]);
  });
});
