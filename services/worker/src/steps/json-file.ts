import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { InferenceError } from "@sluice/protocol";
import type { z } from "zod";

import { utf8Text } from "../repository/utf8-text.ts";

/**
 * Reads a JSON file of a version folder.
 * @param reference - path below `folder`; `path#member` means one member of the object in it
 * @throws {InferenceError} `notFound` without the file, `invalidArgument` when it is not UTF-8 or does not hold what `schema` expects.
 */
export async function readJsonFile<Schema extends z.ZodType>(
  schema: Schema,
  { folder, reference }: { readonly folder: string; readonly reference: string },
): Promise<z.output<Schema>> {
  const [path = "", member] = reference.split("#");
  const value = parseJson(await readText(join(folder, path)), path);
  const result = schema.safeParse(member === undefined ? value : memberOf(value, member));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new InferenceError("invalidArgument", `${reference} is wrong: ${problems.join("; ")}`);
}

async function readText(path: string): Promise<string> {
  try {
    return utf8Text(await readFile(path), path);
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw new InferenceError("notFound", `${path} cannot be read`, { cause: error });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InferenceError("invalidArgument", `${path} is no JSON document`, { cause: error });
  }
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, member) : undefined;
}
