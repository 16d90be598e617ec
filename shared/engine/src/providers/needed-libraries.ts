import { execFile } from "node:child_process";
import { promisify } from "node:util";

const runFile = promisify(execFile);

/**
 * Names of the shared libraries that the dynamic linker does not find for `libraryPath`, each once.
 * Linux only; asks `ldd`, whose lines read `libcudart.so.12 => not found`.
 */
export async function missingLibraries(libraryPath: string): Promise<string[]> {
  const { stdout } = await runFile("ldd", [libraryPath]);
  return parseMissingLibraries(stdout);
}

export function parseMissingLibraries(lddOutput: string): string[] {
  const names = Array.from(lddOutput.matchAll(/^\s*(\S+) => not found$/gm), (match) => match[1] ?? "");
  return [...new Set(names)];
}
