import { connect } from "@sluice/client";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";
import type { Workload } from "../measure/workload.ts";
import { createStageMeter } from "./stage-meter.ts";

const timeoutMs = 30_000;

/** Texts with the language that `language-id` names for them. */
const texts = [
  { text: "Wo ist der Bahnhof?", language: "deu" },
  { text: "Where can I buy a ticket for the next train to the harbour?", language: "eng" },
  { text: "Où puis-je acheter un billet pour le prochain train ?", language: "fra" },
  { text: "Dove posso comprare un biglietto per il prossimo treno?", language: "ita" },
] as const;

/** Asks for texts by their number; the right answer is the number, since it stands for the language too. */
export const languageWorkload: Workload = {
  inputOf: (caller) => Float32Array.of(caller % texts.length),
  answerTo: async (input) => input,
  tolerance: 0,
};

/** `language-id` through the public SDK: texts in, languages out. */
export async function connectLanguageClient(server: string): Promise<BenchmarkClient> {
  const client = await connect({ servers: server, tenant: "bench" });
  const model = client.model("language-id");
  const stages = createStageMeter();
  return {
    async call(input) {
      const { text } = texts[input[0] ?? 0] ?? texts[0];
      const result = await model.infer({ text: [text] }, { timeoutMs });
      stages.add(result.timings);
      const language = result.outputs["language"]?.strings()[0];
      return Float32Array.of(texts.findIndex((known) => known.language === language));
    },
    takeStages: () => stages.take(),
    close: () => client.close(),
  };
}
