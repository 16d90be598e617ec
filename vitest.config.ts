import { defineConfig } from "vitest/config";

/** Unit tests lie beside the code; whatever needs more than one package lies in `test/`. */
export default defineConfig({
  resolve: { conditions: ["@sluice/source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["@sluice/source", "node", "import", "default"] } },
  test: {
    include: ["{shared,services}/*/src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
    pool: "forks",
    // Ends what hangs, on a slow machine beside other programs, too: no test is about it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
