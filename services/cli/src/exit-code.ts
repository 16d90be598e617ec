import { InferenceError } from "@sluice/protocol";
import { ConfigError } from "@sluice/runtime";
import { CommanderError } from "commander";

/** Exit codes of the `sluice` command. */
export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const;

/** How a command ended: its exit code, and the one line for standard error ("" = it was said already). */
export interface Ending {
  readonly exitCode: number;
  readonly line: string;
}

/** Turns whatever a command threw into its ending. A cause is named too, because the reader is at the machine it happened on. */
export function endingOf(thrown: unknown): Ending {
  if (thrown instanceof CommanderError) {
    return { exitCode: thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage, line: "" };
  }
  const error = toInferenceError(thrown);
  const exitCode = error.code === "invalidArgument" ? exitCodes.usage : exitCodes.failure;
  return { exitCode, line: `error: ${error.code}: ${oneLine(messageWithCause(error))}` };
}

/** A configuration that is wrong is an argument that is wrong: the environment is one. */
function toInferenceError(thrown: unknown): InferenceError {
  return thrown instanceof ConfigError
    ? new InferenceError("invalidArgument", thrown.message)
    : InferenceError.from(thrown);
}

function messageWithCause(error: InferenceError): string {
  const { cause } = error;
  if (cause === undefined) return error.message;
  const causeMessage = cause instanceof Error ? cause.message : "";
  return causeMessage === "" || error.message.includes(causeMessage)
    ? error.message
    : `${error.message} (${causeMessage})`;
}

function oneLine(text: string): string {
  return text.replaceAll(/:\s*\n\s*/g, ": ").replaceAll(/\s*\n\s*/g, "; ");
}
