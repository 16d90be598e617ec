import { decodeJsonRequest, InferenceError, splitBody, type Scalar, type Tensor } from "@sluice/protocol";
import { parseAssignment } from "../parse-option.ts";

/** The name that the text form of a model gives its input. */
const textInput = "text";

/**
 * Makes tensors of `--text` and `--input`. A text option is one item each. An input is JSON: numbers (FP32), strings (BYTES)
 * or booleans, nested as the shape, or an object `{datatype, shape, data}` as in the Open Inference Protocol.
 * @throws {InferenceError} `invalidArgument` naming the option that is wrong, or the input that is given more than once.
 */
export function readInputs(options: {
  readonly text: readonly string[];
  readonly input: readonly string[];
}): readonly Tensor[] {
  const documents = options.input.map(toInputDocument);
  if (options.text.length > 0) {
    documents.unshift({
      name: textInput,
      datatype: "BYTES",
      shape: [options.text.length],
      data: options.text,
    });
  }
  if (documents.length === 0) {
    throw new InferenceError(
      "invalidArgument",
      "nothing to infer from: give --text <text> or --input <name>=<json>",
    );
  }
  const names = documents.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw new InferenceError(
      "invalidArgument",
      `input "${repeated}" is given more than once: give all of its items in one --input`,
    );
  }
  const request = decodeJsonRequest(new TextEncoder().encode(JSON.stringify({ inputs: documents })));
  return splitBody(request.inputs, request.body);
}

interface InputDocument {
  readonly name: string;
  readonly datatype?: unknown;
  readonly shape?: unknown;
  readonly data?: unknown;
}

function toInputDocument(option: string): InputDocument {
  const { name, value } = parseAssignment("--input", option);
  const json = parseJson(value);
  if (json === undefined) {
    throw new InferenceError(
      "invalidArgument",
      `--input ${name}: expected JSON, got ${JSON.stringify(value)}`,
    );
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json, name };
  const shape = shapeOf(json);
  return { name, datatype: datatypeOf(json), shape, data: shape.length === 0 ? [json] : json };
}

/** Sizes along the first element of each axis; that the others agree is checked with the data. */
function shapeOf(json: unknown): readonly number[] {
  return Array.isArray(json) ? [json.length, ...(json.length === 0 ? [] : shapeOf(json[0]))] : [];
}

function datatypeOf(json: unknown): string {
  const [first] = Array.isArray(json) ? json.flat(Number.POSITIVE_INFINITY) : [json];
  if (typeof first === "string") return "BYTES";
  return typeof first === "boolean" ? "BOOL" : "FP32";
}

/** Makes request parameters of `--parameter name=value`: numbers and booleans where they read as such, else texts. */
export function readParameters(options: readonly string[]): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(
    options.map((option) => {
      const { name, value } = parseAssignment("--parameter", option);
      const json = parseJson(value);
      return [name, typeof json === "number" || typeof json === "boolean" ? json : value];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
