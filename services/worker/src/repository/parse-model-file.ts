import { InferenceError } from "@sluice/protocol";
import type { z } from "zod";
import { parseDocument } from "yaml";

import type { ModelFile } from "./model-file.ts";
import { modelFile, modelFileName } from "./model-file.ts";

/**
 * Parses a `model.yaml`.
 * @param folderName - name of the model's folder, which the file must repeat
 * @throws {InferenceError} `invalidArgument` naming every problem with its place and what was expected.
 */
export function parseModelFile(text: string, folderName: string): ModelFile {
  const result = modelFile.safeParse(parseYaml(text, folderName));
  if (!result.success) {
    throw toError(folderName, { problems: result.error.issues.flatMap((issue) => problemsOf(issue)) });
  }
  if (result.data.name !== folderName) {
    throw toError(folderName, { problems: [`name: expected "${folderName}", the name of its folder`] });
  }
  return result.data;
}

function parseYaml(text: string, folderName: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw toError(folderName, { problems: document.errors.map(({ message }) => message) });
  }
  try {
    return document.toJS();
  } catch (error) {
    // An alias without its anchor, or far too many of them: found only when they are resolved.
    const problem = error instanceof Error ? error.message : String(error);
    throw toError(folderName, { problems: [problem], cause: error });
  }
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[place, key].filter(Boolean).join(".")}: unknown field`);
  }
  return [place === "" ? issue.message : `${place}: ${issue.message}`];
}

interface FileErrorOptions {
  readonly problems: readonly string[];
  readonly cause?: unknown;
}

function toError(folderName: string, { problems, cause }: FileErrorOptions): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `${folderName}/${modelFileName} is wrong: ${problems.join("; ")}`,
    { details: { problems }, cause },
  );
}
