// Prints over vitest's JSON reports which tests failed and why, then "N passed, N failed, N skipped"; exits 1 unless all is
// well.
// usage: node count-tests.mjs <report>...
import { existsSync, readFileSync } from "node:fs";

/** Lines printed of a failure. */
const mostLines = 12;

let passedCount = 0;
let failedCount = 0;
let skippedCount = 0;

for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    process.stdout.write(`${file} was not written: counted as one failure\n`);
    failedCount += 1;
    continue;
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  for (const { name, assertionResults } of report.testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === "failed") printFailure(`${name}: ${fullName}`, failureMessages.join("\n"));
  for (const { name, message } of brokenFiles) printFailure(name, message);
  const reportFailedCount = report.numFailedTests + brokenFiles.length;
  passedCount += report.numPassedTests;
  // A run also fails without a failed test, by an error that no test awaited.
  failedCount += report.success ? reportFailedCount : Math.max(1, reportFailedCount);
  skippedCount += report.numPendingTests + report.numTodoTests;
}

process.stdout.write(`${passedCount} passed, ${failedCount} failed, ${skippedCount} skipped\n`);
process.exitCode = failedCount === 0 ? 0 : 1;

function printFailure(what, message) {
  const lines = message.split("\n").slice(0, mostLines);
  process.stdout.write(`FAILED ${what}\n${lines.map((line) => `  ${line}\n`).join("")}\n`);
}
