import { describe, expect, test } from "vitest";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: [1, 2] };

describe("the options of a call", () => {
  test.each([
    ["timeoutMs", { timeoutMs: 0 }],
    ["timeoutMs", { timeoutMs: Infinity }],
    ["priority", { priority: 101 }],
    ["priority", { priority: 0.5 }],
    ["metadata", { metadata: Object.fromEntries(numberedNames(17).map((name) => [name, ""])) }],
    ["parameters", { parameters: { top: Number.NaN } }],
    ["parameters", { parameters: Object.fromEntries(numberedNames(65).map((name) => [name, 1])) }],
    ["parameters", { parameters: JSON.parse("[1]") }],
    ["outputs", { outputs: numberedNames(257) }],
    ["onSent", { onSent: JSON.parse('"a text"') }],
    ["signal", { signal: JSON.parse("null") }],
    ["signal", { signal: JSON.parse("{}") }],
    ["timeoutMs is null", { timeoutMs: JSON.parse("null") }],
    ["priority is null", { priority: JSON.parse("null") }],
    ["metadata is null", { metadata: JSON.parse("null") }],
    ["parameters is null", { parameters: JSON.parse("null") }],
    ["outputs is null", { outputs: JSON.parse("null") }],
    ["traceparent is null", { traceparent: JSON.parse("null") }],
    ["metadata is Map", { metadata: Object(new Map([["page", "home"]])) }],
    ["timeout is unknown, is timeoutMs meant?", { timeout: 5000 }],
    ["param is unknown, is parameters meant?", { param: { top_k: 1 } }],
    ["aborted is unknown, expected one of timeoutMs, ", Object(AbortSignal.abort())],
  ])("refuses a wrong option %s with invalidArgument that names it", async (name, options) => {
    await using t = await createTestClient();
    await expect(t.client.model("echo").infer(inputs, options)).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining(`option ${name}`),
    });
  });

  test.each([
    ["null", JSON.parse("null")],
    ["5000", JSON.parse("5000")],
    ["'5 s'", JSON.parse('"5 s"')],
    ["[ 5000 ]", JSON.parse("[5000]")],
  ])("refuses options that are %s with invalidArgument that shows them", async (text, options) => {
    await using t = await createTestClient();
    const model = t.client.model("echo");
    const refused = {
      code: "invalidArgument",
      message: `the options of the call are ${text}, ${expectation}`,
    };
    await expect(model.infer(inputs, options)).rejects.toMatchObject(refused);
    await expect(model.stream(inputs, options).next()).rejects.toMatchObject(refused);
  });

  test("sends what a call was given, whatever its caller makes of the objects afterwards", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const parameters = { max_tokens: 0 };
    const metadata = { page: "" };
    const outputs = ["y"];
    const answers = ["one", "two"].map((page, index) => {
      parameters.max_tokens = index;
      metadata.page = page;
      return model.infer(inputs, { parameters, metadata, outputs });
    });
    outputs.push("z");
    await Promise.all(answers);
    expect(owner.requests).toMatchObject([
      { parameters: { max_tokens: 0 }, metadata: { page: "one" }, outputs: ["y"] },
      { parameters: { max_tokens: 1 }, metadata: { page: "two" }, outputs: ["y"] },
    ]);
  });
});

const expectation = "expected an object such as { timeoutMs: 5000 }";

function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}
