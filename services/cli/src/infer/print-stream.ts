import type { Parameters, Tensor, Timings } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { describeTimings, formatValues, textOf, toJsonResult } from "./format-result.ts";

/** What is printed of a frame. */
export interface ShownFrame {
  readonly frame: number;
  readonly final: boolean;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly parameters: Parameters;
  readonly timings: Timings;
}

/**
 * Prints a stream as it comes: its texts one after the other, and what is no text of a frame in lines of its own; or with `asJson`
 * one JSON line for each frame.
 */
export async function printStream(
  context: Pick<CliContext, "print" | "note">,
  options: { readonly frames: AsyncIterable<ShownFrame>; readonly asJson: boolean },
): Promise<void> {
  let lineIsOpen = false;
  let last: { readonly parameters: Parameters; readonly timings: Timings } | undefined;
  for await (const { frame, final, outputs, parameters, timings } of options.frames) {
    last = { parameters, timings };
    const tensors = Object.values(outputs);
    if (options.asJson) {
      const answer = toJsonResult({ outputs: tensors, parameters, timings });
      context.print(`${JSON.stringify({ frame, final, ...answer })}\n`);
      continue;
    }
    const text = textOf(tensors);
    const values = formatValues(tensors);
    if (text !== "") lineIsOpen = true;
    if (values === "") {
      context.print(text);
    } else {
      context.print(`${text}${lineIsOpen ? "\n" : ""}${values}`);
      lineIsOpen = false;
    }
  }
  if (options.asJson || last === undefined) return;
  if (lineIsOpen) context.print("\n");
  const said = Object.entries(last.parameters).map(([name, value]) => `${name} ${String(value)}`);
  context.note([...said, describeTimings(last.timings)].join(", "));
}
