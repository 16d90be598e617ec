import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Path of a compiled file that another thread or process is started from, named relative to the module that asks.
 * Node 20 cannot start a thread from a `.ts` file, so a module that itself runs from `src/` (as under vitest) is given the
 * compiled twin in `dist/`, which `npm test` builds first.
 */
export function builtFile(relativePath: string, moduleUrl: string): string {
  const url = new URL(relativePath, moduleUrl);
  if (moduleUrl.endsWith(".ts")) {
    const sources = url.pathname.lastIndexOf("/src/");
    url.pathname = `${url.pathname.slice(0, sources)}/dist/${url.pathname.slice(sources + "/src/".length)}`;
  }
  const path = fileURLToPath(url);
  if (!existsSync(path)) throw new Error(`${path} does not exist: run "npm run build" first`);
  return path;
}
