#!/usr/bin/env node
// `npm start`: builds what changed, then becomes `sluice dev`. The build is a process group of its own, which is ended by a signal
// that comes meanwhile: below a shell a SIGTERM to npm would end the shell only, and leave the build running.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const build = spawn("turbo", ["run", "build", "--output-logs=errors-only"], {
  detached: true,
  stdio: ["ignore", "inherit", "inherit"],
});
const signals = ["SIGINT", "SIGTERM"];
let exitCode = 0;
const endBuild = (signal) => {
  exitCode = 128 + constants.signals[signal];
  process.kill(-build.pid, "SIGTERM");
};
for (const signal of signals) process.on(signal, endBuild);
const buildCode = await new Promise((resolve, reject) => {
  build.once("error", reject);
  build.once("exit", resolve);
});
for (const signal of signals) process.off(signal, endBuild);

exitCode ||= buildCode ?? 1;
if (exitCode !== 0) process.exit(exitCode);
process.argv.splice(2, 0, "dev");
await import("./sluice.js");
