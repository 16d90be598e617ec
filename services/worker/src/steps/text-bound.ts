import { InferenceError } from "@sluice/protocol";

/** NFKC makes no text more than this many times as long, in UTF-16 units. */
const maxGrowth = 18;

/**
 * Checks that a text has at most `maxCharacters` (UTF-16 units). Steps ask this before they do anything with the text.
 * @throws {InferenceError} `invalidArgument` when it has more.
 */
export function checkCharacters(input: string, text: string, maxCharacters: number): void {
  if (text.length > maxCharacters) throw tooLong(input, `${text.length} characters`, maxCharacters);
}

/**
 * Checks that a text has at most `maxCharacters`, as it is and after NFKC, which a tokenizer may apply and which can
 * make one character 18. What is too long as it is is not normalized: that alone would take long.
 * @throws {InferenceError} `invalidArgument` when it has more.
 */
export function checkNormalizedCharacters(input: string, text: string, maxCharacters: number): void {
  checkCharacters(input, text, maxCharacters);
  if (text.length * maxGrowth <= maxCharacters) return;
  const { length } = text.normalize("NFKC");
  if (length > maxCharacters) throw tooLong(input, `${length} characters when normalized`, maxCharacters);
}

function tooLong(input: string, actual: string, maxCharacters: number): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `input "${input}" has ${actual}, expected at most ${maxCharacters}`,
  );
}
