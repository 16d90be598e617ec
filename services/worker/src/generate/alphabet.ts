import { InferenceError } from "@sluice/protocol";

/** The characters that a model knows and their token ids. */
export interface Alphabet {
  readonly size: number;
  /**
   * Turns a text into token ids, one a character.
   * @throws {InferenceError} `invalidArgument` naming the alphabet when the text has another character.
   */
  encode(text: string): number[];
  /** The character of a token id. */
  decode(id: number): string;
}

/** Creates an alphabet of which the n-th character has token id n. */
export function createAlphabet(characters: string): Alphabet {
  const symbols = Array.from(characters);
  const idOf = new Map(symbols.map((symbol, id) => [symbol, id]));
  return {
    size: symbols.length,
    encode: (text) =>
      Array.from(text, (character) => {
        const id = idOf.get(character);
        if (id !== undefined) return id;
        throw new InferenceError(
          "invalidArgument",
          `the text has ${JSON.stringify(character)}, expected only characters of ${JSON.stringify(characters)}`,
        );
      }),
    decode: (id) => {
      const symbol = symbols[id];
      if (symbol === undefined)
        throw new InferenceError("internal", `the model gave token ${id} of ${symbols.length}`);
      return symbol;
    },
  };
}
