import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { InferFlags } from "../infer/run-infer.ts";
import { collect, parseCount, parseMilliseconds } from "../parse-option.ts";

/** Adds `sluice infer`: one call through the SDK, its answer printed. */
export function addInferCommand(program: Command, context: CliContext): void {
  program
    .command("infer")
    .description("call a model and print its answer")
    .argument("<model>")
    .option("--text <text>", "a text for the input `text`; several are several items", collect(String))
    .option(
      "--input <name=json>",
      "an input: JSON numbers, strings, or {datatype, shape, data}",
      collect(String),
    )
    .option("--similarity", "print the cosines between the vectors of the texts")
    .option("--stream", "print the answer as it comes")
    .option("--max-tokens <count>", "most characters or tokens of a generated answer", parseCount)
    .option("--parameter <name=value>", "a parameter that the model declares", collect(String))
    .option(
      "--timeout-ms <ms>",
      "how long the answer may take (default: what the model promises, else 30000)",
      parseMilliseconds,
    )
    .option("--tenant <tenant>", "whose request this is (default: demo)")
    .option(
      "--nats <url>",
      "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
    )
    .option("--json", "print JSON; with --stream one line for each frame")
    .action(async (model: string, flags: InferFlags) => {
      const { runInfer } = await import("../infer/run-infer.ts");
      await runInfer(context, model, flags);
    });
}
