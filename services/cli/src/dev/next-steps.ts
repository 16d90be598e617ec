const document = '{"inputs":[{"name":"text","datatype":"BYTES","shape":[1],"data":["Wo ist der Bahnhof?"]}]}';

/** Says how to make the next call, with the models that are served. */
export function nextSteps(options: {
  readonly url: string;
  readonly models: readonly string[];
  readonly dataFolder: string;
}): string {
  const { url, models, dataFolder } = options;
  const calls = [
    { model: "language-id", call: 'npx sluice infer language-id --text "Wo ist der Bahnhof?"' },
    { model: "char-lm", call: 'npx sluice infer char-lm --text "If you " --stream' },
    { model: "language-id", call: `nats -s ${url} request sluice.v1.infer.language-id.demo '${document}'` },
  ].filter(({ model }) => models.includes(model));
  return [
    "",
    `Ready: NATS at ${url}, logs in ${dataFolder}/logs`,
    ...calls.map(({ call }) => `  ${call}`),
    "  npx sluice models",
    `For programs: export NATS_URL=${url}`,
    "Ctrl-C drains and stops everything.",
    "",
  ].join("\n");
}
