import { InferenceError } from "@sluice/protocol";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { formatJson, formatTable } from "../format-table.ts";

/** Adds `sluice providers`: what this machine can compute on, and how to get more. */
export function addProvidersCommand(program: Command, context: CliContext): void {
  const providers = program
    .command("providers")
    .description("list what this machine can compute on; each provider is tried in a process of its own")
    .option("--json", "print JSON")
    .action(async (flags: ProvidersFlags) => listProviders(context, flags));
  providers
    .command("install")
    .description("download the libraries of a provider that the installation leaves out, and check them")
    .argument("<provider>", 'only "cuda" so far')
    .action(async (provider: string) => installProvider(context, provider));
}

interface ProvidersFlags {
  readonly json?: boolean;
}

async function listProviders(context: CliContext, { json }: ProvidersFlags): Promise<void> {
  // Loaded here, not at the top: the engine is large, and most commands do without it.
  const { probeProviders } = await import("@sluice/engine");
  const reports = await probeProviders();
  if (json === true) {
    context.print(formatJson(reports));
    return;
  }
  const rows = reports.map(({ name, isAvailable, reason, detail }) => [
    name,
    isAvailable ? "yes" : "no",
    isAvailable ? "" : reason,
    firstLine(detail),
  ]);
  context.print(formatTable([["provider", "available", "reason", "detail"], ...rows]));
  if (reports.some(({ name, reason }) => name === "cuda" && reason === "libraryMissing")) {
    context.note("for CUDA: sluice providers install cuda");
  }
}

async function installProvider(context: CliContext, provider: string): Promise<void> {
  if (provider !== "cuda") {
    throw new InferenceError(
      "invalidArgument",
      `only "cuda" can be installed, not ${JSON.stringify(provider)}`,
    );
  }
  const { installCuda, probeProviders } = await import("@sluice/engine");
  const { folder, missingLibraries } = await installCuda({
    environment: context.env,
    onProgress: (line) => context.note(line),
  });
  context.print(`installed in ${folder}\n`);
  if (missingLibraries.length > 0) {
    throw new InferenceError(
      "unavailable",
      `the CUDA provider needs libraries that this machine lacks: ${missingLibraries.join(", ")}; install CUDA and cuDNN of these versions`,
    );
  }
  const cuda = (await probeProviders()).find(({ name }) => name === "cuda");
  if (cuda?.isAvailable !== true) {
    throw new InferenceError(
      "unavailable",
      `the CUDA provider does not run here: ${firstLine(cuda?.detail ?? "not listed")}`,
    );
  }
  context.print("a model ran on cuda\n");
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
