import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@sluice/runtime";
import { createProgram } from "sluice";
import { describe, expect, test } from "vitest";
import { root } from "./dev-process.ts";

type Command = ReturnType<typeof createProgram>;

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));

/** The lines of a document that call the `sluice` command, in blocks of code and between backticks. */
function callsIn(document: string): readonly string[] {
  const text = readFileSync(join(root, document), "utf8");
  const lines = Array.from(text.matchAll(/^(?:npx )?sluice (.+)$/gm), (match) => match[1] ?? "");
  const spans = Array.from(text.matchAll(/`(?:npx )?sluice ([a-z][^`]*)`/g), (match) => match[1] ?? "");
  return [...lines, ...spans];
}

/** What is wrong with a call, as `createProgram` defines the command; nothing is run. */
function problemOf(call: string): string | undefined {
  const program = createProgram({
    env: {},
    folder: root,
    clock: systemClock,
    print: () => undefined,
    note: () => undefined,
  });
  const words = call.match(/"[^"]*"|\S+/g) ?? [];
  let command: Command = program;
  let values = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const child = values === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
    if (child !== undefined) {
      command = child;
    } else if (word.startsWith("--")) {
      const option = command.options.find((candidate) => candidate.long === word);
      if (option === undefined) return word === "--help" ? undefined : `${command.name()} has no ${word}`;
      if (option.required) at += 1;
    } else if (word !== "…") {
      values += 1;
    }
  }
  if (command === program) return "there is no such command";
  return values > command.registeredArguments.length
    ? `${command.name()} takes no more arguments`
    : undefined;
}

describe.each(documents)("%s", (document) => {
  test("shows commands as they are", () => {
    const wrong = callsIn(document)
      .map((call) => [call, problemOf(call)])
      .filter(([, problem]) => problem !== undefined);
    expect(wrong).toEqual([]);
  });
});
