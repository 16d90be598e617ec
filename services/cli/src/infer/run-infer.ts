import type { CallOptions } from "@sluice/client";
import { InferenceError, type Tensor } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { connectClient, defaultTenant, type ClientFlags } from "../connect-client.ts";
import { formatJson } from "../format-table.ts";
import { cosineTable, formatCosineTable } from "./cosine-table.ts";
import { formatResult, toJsonResult } from "./format-result.ts";
import { printStream } from "./print-stream.ts";
import { readInputs, readParameters } from "./read-inputs.ts";
import { watchConnection } from "./watch-connection.ts";
import { watchWait } from "./watch-wait.ts";

/** The options of `sluice infer`. */
export interface InferFlags extends ClientFlags {
  readonly text?: readonly string[];
  readonly input?: readonly string[];
  readonly parameter?: readonly string[];
  readonly maxTokens?: number;
  readonly timeoutMs?: number;
  readonly similarity?: boolean;
  readonly stream?: boolean;
  readonly json?: boolean;
}

/** Calls a model once and prints what it answers. */
export async function runInfer(context: CliContext, model: string, flags: InferFlags): Promise<void> {
  if (flags.stream === true && flags.similarity === true) {
    throw new InferenceError("invalidArgument", "--similarity needs the whole answer: leave --stream out");
  }
  const texts = flags.text ?? [];
  const inputs = Object.fromEntries(
    readInputs({ text: texts, input: flags.input ?? [] }).map((tensor) => [tensor.name, tensor]),
  );
  const connection = watchConnection(context);
  await using client = await connectClient(context, flags, { onEvent: connection.noteEvent });
  const options = callOptions(flags);
  const handle = client.model(model);
  if (flags.stream === true) {
    await printStream(context, { frames: handle.stream(inputs, options), asJson: flags.json === true });
    return;
  }
  using wait = watchWait(context, { tenant: flags.tenant ?? defaultTenant, connection });
  const result = await handle.infer(inputs, { ...options, onSent: wait.noteSent });
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
