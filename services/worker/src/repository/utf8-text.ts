import { InferenceError } from "@sluice/protocol";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The text of a file that was read from `path`, without a byte order mark.
 * @throws {InferenceError} `invalidArgument` when it is not UTF-8: names and labels would be others with what stands for the rest.
 */
export function utf8Text(bytes: Uint8Array, path: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InferenceError("invalidArgument", `${path} is not UTF-8`, { cause });
  }
}
