import type { Random } from "@sluice/runtime";
import { drawLength, type Lengths } from "../../simulation/lengths.ts";

/** Words of a sentence: most are short, a few as long as the model takes. */
const wordCounts: Lengths = {
  kind: "logNormal",
  mixture: [{ part: 1, median: 12, sigma: 0.7 }],
  longest: 80,
};

const words =
  "the a of to and in is that it was for on are as with his they at be this from have or by one had not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our used me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house world going want".split(
    " ",
  );

/** Draws a sentence of common words, which means nothing. */
export function drawSentence(random: Random): string {
  const count = drawLength(wordCounts, random);
  return Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(" ");
}
