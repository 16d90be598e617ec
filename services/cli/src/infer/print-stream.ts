import type { StreamFrame } from "@sluice/client";
import type { Parameters, Timings } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { describeTimings, textOf, toJsonResult } from "./format-result.ts";

/** Prints a stream as it comes: its texts one after the other, or with `asJson` one JSON line for each frame. */
export async function printStream(
  context: Pick<CliContext, "print" | "note">,
  options: { readonly frames: AsyncIterable<StreamFrame>; readonly asJson: boolean },
): Promise<void> {
  let last: { readonly parameters: Parameters; readonly timings: Timings } | undefined;
  for await (const { frame, final, outputs, parameters, timings } of options.frames) {
    last = { parameters, timings };
    const tensors = Object.values(outputs);
    context.print(
      options.asJson
        ? `${JSON.stringify({ frame, final, ...toJsonResult({ outputs: tensors, parameters, timings }) })}\n`
        : textOf(tensors),
    );
  }
  if (options.asJson || last === undefined) return;
  context.print("\n");
  const said = Object.entries(last.parameters).map(([name, value]) => `${name} ${String(value)}`);
  context.note([...said, describeTimings(last.timings)].join(", "));
}
