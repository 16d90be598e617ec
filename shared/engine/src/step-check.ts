import { InferenceError } from "@sluice/protocol";
import type { StepRow } from "./decoder.ts";

/** @throws {InferenceError} `invalidArgument` when no decoder could run the rows. */
export function checkRows(rows: readonly StepRow[]): void {
  const seen = new Set<number>();
  for (const { sequence, tokens } of rows) {
    if (tokens.length === 0) throw refusal(`sequence ${sequence} has no tokens, expected at least one`);
    if (seen.has(sequence)) throw refusal(`sequence ${sequence} comes twice, expected each once a step`);
    seen.add(sequence);
  }
}

function refusal(message: string): InferenceError {
  return new InferenceError("invalidArgument", message);
}
