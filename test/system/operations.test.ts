import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { natsAccessSettings } from "@sluice/messaging";
import { describe, expect, test } from "vitest";
import { root } from "./dev-process.ts";

const document = readFileSync(join(root, "docs", "operations.md"), "utf8");

/** The part of the document under a heading of the third level. */
function section(heading: string): string {
  const [, text = ""] = document.split(`\n### ${heading}\n`);
  return text.split(/\n##/)[0] ?? "";
}

/** What the first column of a table names; a row may name several. */
function firstCells(table: string): readonly string[] {
  const cells = Array.from(table.matchAll(/^\| (`[^|]*`) /gm), (match) => match[1] ?? "");
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), (match) => match[1] ?? ""));
}

function sourcesOf(service: string): string {
  const folder = join(root, "services", service, "src");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}

describe("docs/operations.md", () => {
  test.each(["dispatcher", "worker", "results"])("lists every setting of the %s, and no other", (service) => {
    const config = readFileSync(join(root, "services", service, "src", "config.ts"), "utf8");
    const own = Array.from(config.matchAll(/^ {2}(SLUICE_\w+):/gm), (match) => match[1] ?? "");
    expect(config).toMatch(/^ {2}\.\.\.natsAccessSettings,$/m);
    const listed = ["All services", "Logins", service].flatMap((heading) => firstCells(section(heading)));
    expect([...new Set(listed)].toSorted()).toEqual([...own, ...Object.keys(natsAccessSettings)].toSorted());
  });

  test("lists every metric, and no other", () => {
    const sources = ["dispatcher", "worker", "results"].map(sourcesOf).join("\n");
    const made = new Set(sources.match(/"sluice_\w+"/g)?.map((name) => name.slice(1, -1)));
    const [, metrics = ""] = document.split("\n## Metrics\n");
    expect(firstCells(metrics).toSorted()).toEqual([...made].toSorted());
  });
});
