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
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw toError(
      folderName,
      document.errors.map((error) => error.message),
    );
  }
  const result = modelFile.safeParse(document.toJS());
  if (!result.success) {
    throw toError(
      folderName,
      result.error.issues.flatMap((issue) => problemsOf(issue)),
    );
  }
  if (result.data.name !== folderName) {
    throw toError(folderName, [`name: expected "${folderName}", the name of its folder`]);
  }
  return result.data;
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[place, key].filter(Boolean).join(".")}: unknown field`);
  }
  return [place === "" ? issue.message : `${place}: ${issue.message}`];
}

function toError(folderName: string, problems: readonly string[]): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `${folderName}/${modelFileName} is wrong: ${problems.join("; ")}`,
    {
      details: { problems },
    },
  );
}
