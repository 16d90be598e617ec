import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createFrame, decodeJsonRequest, encodeJsonFrame } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { samples } from "./samples.ts";

/**
 * Recorded messages of protocol version 1. A file in there is never edited: what is out there must stay readable.
 * A sample that has no file yet is recorded, and its test fails once, so that somebody looks at the file and commits it.
 */
const folder = new URL("./v1/", import.meta.url);

async function recorded(file: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(file, folder)));
}

describe.each(samples)("$file", ({ file, message, encode, decode }) => {
  test("is recorded", async () => {
    if (existsSync(new URL(file, folder))) return;
    await writeFile(new URL(file, folder), encode(), { flag: "wx" });
    expect.fail(`v1/${file} was missing and is recorded now`);
  });

  test("is read as what it was written from", async () => {
    expect(decode(await recorded(file))).toEqual(message);
  });

  test("is written byte by byte as it was recorded", async () => {
    expect(Buffer.from(encode()).toString("hex")).toBe(Buffer.from(await recorded(file)).toString("hex"));
  });
});

/** Packs that were recorded before columns had forms of their own: every column is a list. */
const listedPacks = ["request-pack", "work-batch", "result-pack", "reply-pack", "handover-state"];

describe.each(listedPacks)("%s-lists.bin", (name) => {
  test("is read as the pack of today", async () => {
    const pack = samples.find(({ file }) => file === `${name}.bin`);
    expect(pack?.decode(await recorded(`${name}-lists.bin`))).toEqual(pack?.message);
  });
});

describe("Open Inference Protocol JSON", () => {
  test("json-request.json is read as a request, and json-response.json is what its echo looks like", async () => {
    const request = decodeJsonRequest(await recorded("json-request.json"));
    expect(request).toMatchObject({
      id: "r1",
      timeoutMs: 250,
      priority: 2,
      stream: true,
      accept: "json",
      inputs: [
        { name: "x", datatype: "FP32", shape: [2, 2] },
        { name: "ids", datatype: "INT64", shape: [1] },
        { name: "text", datatype: "BYTES", shape: [1] },
      ],
      outputs: ["score"],
      parameters: { top: 5 },
    });
    const frame = createFrame(
      { id: request.id, tenant: "acme", reply: "_INBOX.q1", accept: "json", attempt: 0 },
      { frame: 1, outputs: request.inputs, body: request.body, parameters: { finish_reason: "stop" } },
    );
    const response = encodeJsonFrame({ model: "scores", version: "3", frame });
    expect(`${new TextDecoder().decode(response)}\n`).toBe(
      new TextDecoder().decode(await recorded("json-response.json")),
    );
  });
});

test("every recorded file is checked", async () => {
  const lists = listedPacks.map((name) => `${name}-lists.bin`);
  const files = [...samples.map(({ file }) => file), ...lists, "json-request.json", "json-response.json"];
  expect((await readdir(folder)).sort()).toEqual(files.sort());
});
