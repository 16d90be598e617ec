import type { CallOptions } from "@sluice/client";
import { InferenceError, type Tensor } from "@sluice/protocol";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { connectClient, type ClientFlags } from "../connect-client.ts";
import { formatJson } from "../format-table.ts";
import { cosineTable, formatCosineTable } from "../infer/cosine-table.ts";
import { formatResult, toJsonResult } from "../infer/format-result.ts";
import { printStream } from "../infer/print-stream.ts";
import { readInputs, readParameters } from "../infer/read-inputs.ts";
import { collect, parseCount, parseMilliseconds } from "../parse-option.ts";

interface InferFlags extends ClientFlags {
  readonly text?: readonly string[];
  readonly input?: readonly string[];
  readonly parameter?: readonly string[];
  readonly maxTokens?: number;
  readonly timeoutMs?: number;
  readonly similarity?: boolean;
  readonly stream?: boolean;
  readonly json?: boolean;
}

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
    .option("--timeout-ms <ms>", "how long the answer may take (default: 30000)", parseMilliseconds)
    .option("--tenant <tenant>", "whose request this is (default: demo)")
    .option(
      "--nats <url>",
      "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
    )
    .option("--json", "print JSON; with --stream one line for each frame")
    .action(async (model: string, flags: InferFlags) => infer(context, model, flags));
}

async function infer(context: CliContext, model: string, flags: InferFlags): Promise<void> {
  if (flags.stream === true && flags.similarity === true) {
    throw new InferenceError("invalidArgument", "--similarity needs the whole answer: leave --stream out");
  }
  const texts = flags.text ?? [];
  const inputs = Object.fromEntries(
    readInputs({ text: texts, input: flags.input ?? [] }).map((tensor) => [tensor.name, tensor]),
  );
  const options = callOptions(flags);
  await using client = await connectClient(context, flags);
  const handle = client.model(model);
  if (flags.stream === true) {
    await printStream(context, { frames: handle.stream(inputs, options), asJson: flags.json === true });
    return;
  }
  const result = await handle.infer(inputs, options);
  const outputs: readonly Tensor[] = Object.values(result.outputs);
  const { id, version, parameters, timings } = result;
  const cosines = flags.similarity === true ? cosineTable(outputs) : undefined;
  if (flags.json === true) {
    const answer = toJsonResult({ outputs, parameters, timings });
    context.print(formatJson({ id, model, version, ...answer, ...(cosines && { cosines }) }));
  } else {
    context.print(formatResult({ outputs, parameters, timings }));
    if (cosines !== undefined) context.print(formatCosineTable(cosines, texts));
  }
}

function callOptions(flags: InferFlags): CallOptions {
  const parameters = {
    ...readParameters(flags.parameter ?? []),
    ...(flags.maxTokens !== undefined && { max_tokens: flags.maxTokens }),
  };
  return { parameters, ...(flags.timeoutMs !== undefined && { timeoutMs: flags.timeoutMs }) };
}
