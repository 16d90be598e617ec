import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, sluice, startDev, type DevProcess } from "./dev-process.ts";
import { publishRaw } from "./raw-nats.ts";
import { markedBlocks } from "./readme.ts";

const runFile = promisify(execFile);
const blocks = markedBlocks(readFileSync(join(root, "README.md"), "utf8"));

function block(mark: string): string {
  const found = blocks.find((candidate) => candidate.kind === "test" && candidate.mark === mark);
  if (found === undefined) throw new Error(`README.md has no block marked "${mark}"`);
  return found.code.trim();
}

/** The last argument of a `nats` command and the subject before it. */
function subjectAndPayload(command: string): { readonly subject: string; readonly payload: string } {
  const [, subject = "", payload = ""] = /(sluice\.v1\.\S+) '(\{.*\})'/.exec(command) ?? [];
  return { subject, payload };
}

describe("README.md", () => {
  test.each(blocks.filter(({ kind }) => kind === "example"))("shows $mark as it is", ({ mark, code }) => {
    expect(code).toBe(readFileSync(join(root, mark), "utf8"));
  });
});

describe("while sluice dev serves", { timeout: 60_000 }, () => {
  let dev: DevProcess;
  beforeAll(async () => {
    dev = await startDev();
  }, 120_000);
  afterAll(async () => dev[Symbol.asyncDispose](), 60_000);

  /** Runs a line of the README as it stands there, in the workspace. */
  async function shell(line: string): Promise<string> {
    const env = { ...process.env, SLUICE_DATA_FOLDER: dev.dataFolder };
    const { stdout } = await runFile("sh", ["-c", line], { cwd: root, env, timeout: 30_000 });
    return stdout;
  }

  async function example(name: string): Promise<string> {
    const env = { ...process.env, NATS_URL: dev.url };
    const path = join(root, "examples", "dist", `${name}.js`);
    const { stdout } = await runFile(process.execPath, [path], { env, timeout: 30_000 });
    return stdout;
  }

  test("infer names the language with its probability and timings", async () => {
    const output = await shell(block("language-id"));
    expect(output).toMatch(/^language +deu$/m);
    expect(output).toMatch(/^probability +0\.\d+$/m);
    expect(output).toMatch(/^timings .*inference [\d.]+ ms, total [\d.]+ ms$/m);
  });

  test("infer --similarity compares sentences: the two that mean nearly the same are nearest", async () => {
    const output = await shell(`${block("sentence-embedding")} --json`);
    const { outputs, cosines } = JSON.parse(output);
    expect(outputs[0]).toMatchObject({ datatype: "FP32", shape: [3, 512] });
    expect(cosines[0][0]).toBeCloseTo(1, 3);
    expect(cosines[0][1]).toBeGreaterThan(cosines[0][2]);
    expect(await shell(block("sentence-embedding"))).toContain("I like cheese");
  });

  test("infer --stream prints characters as they come", async () => {
    const output = await shell(block("char-lm"));
    expect(output.length).toBeGreaterThan(10);
  });

  test("models lists what is served", async () => {
    const models = JSON.parse(await shell("npx sluice models --json"));
    const names = models.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual([
      "char-lm",
      "language-id",
      "overhead-probe",
      "sentence-embedding",
      "text-recognition",
    ]);
  });

  test("a request of plain NATS is answered in the form of the Open Inference Protocol", async () => {
    const message = { ...subjectAndPayload(block("plain-request")), inbox: "_INBOX.request" };
    const [answer] = await publishRaw(dev.url, message, () => true);
    expect(answer).toMatchObject({
      model_name: "language-id",
      outputs: expect.arrayContaining([expect.objectContaining({ name: "language", data: ["deu"] })]),
    });
  });

  test("a stream of plain NATS comes frame by frame to the subscription, the last one marked", async () => {
    const message = { ...subjectAndPayload(block("plain-stream")), inbox: "_INBOX.story" };
    const answers = await publishRaw(dev.url, message, (answer) => !isMore(answer));
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.slice(0, -1).every(isMore)).toBe(true);
  });

  test("01-infer names the language of three sentences", async () => {
    const output = await example("01-infer");
    for (const language of ["deu", "eng", "spa"]) expect(output).toContain(`'${language}'`);
  });

  test("02-stream prints a text and why it ended", async () => {
    expect(await example("02-stream")).toMatch(/^.{10,}[\s\S]*ended: \w+/);
  });

  test("03-plain-nats prints an answer and then a stream of documents", async () => {
    const documents = (await example("03-plain-nats"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(documents[0]).toMatchObject({ model_name: "language-id" });
    expect(documents.at(-1)).toMatchObject({ model_name: "char-lm", parameters: { final: true } });
    expect(documents.length).toBeGreaterThan(3);
  });

  test("04-raw-socket prints an answer", async () => {
    expect(JSON.parse(await example("04-raw-socket"))).toMatchObject({ model_name: "language-id" });
  });

  test.each([
    ["refuses it", "-ERR 'Authorization Violation'\r\n", "-ERR 'Authorization Violation'"],
    [
      "finds nobody who serves the model",
      "HMSG _INBOX.raw-socket 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
      "NATS/1.0 503",
    ],
  ])("04-raw-socket says so and fails where the server %s", async (_what, answer, line) => {
    const server = createServer((socket) => socket.end(`INFO {}\r\n${answer}`)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const path = join(root, "examples", "dist", "04-raw-socket.js");
    const env = { ...process.env, NATS_URL: `nats://127.0.0.1:${port}` };
    await expect(runFile(process.execPath, [path], { env, timeout: 30_000 })).rejects.toMatchObject({
      code: 1,
      stderr: `${line}\n`,
    });
    server.close();
  });

  test("a worker of a second pool serves a model of one's own", async () => {
    const [program, ...words] = block("worker").split(" ").slice(1);
    expect(program).toBe("sluice");
    const worker = spawn(process.execPath, [sluice, ...words], {
      cwd: root,
      env: { ...process.env, SLUICE_DATA_FOLDER: dev.dataFolder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(worker, "exit");
    // Read to its end, so that the worker never waits for a reader.
    createInterface({ input: worker.stdout }).on("line", () => {});
    try {
      const models = async (): Promise<string> => shell(`${process.execPath} ${sluice} models`);
      await expect.poll(models, { timeout: 30_000 }).toContain("half-plus-two");
      expect(await example("05-own-model")).toContain("Float32Array(3) [ 3, 4, 5 ]");
    } finally {
      worker.kill("SIGTERM");
      expect((await exited)[0]).toBe(0);
    }
  });

  test("records of tenants are written, listed and followed", async () => {
    const [acme = "", guests = "", list = "", top = ""] = block("tenants").split("\n");
    expect(await shell(acme)).toMatch(/^acme +3 /m);
    expect(await shell(guests)).toMatch(/^guests .* background /m);
    expect(await shell(list)).toMatch(/^acme .*\n.*^guests /ms);
    expect(await shell(top)).toMatch(/^demo /m);
  });

  test("further services join where --nats says", async () => {
    for (const line of block("services").split("\n").slice(0, 2)) {
      const words = line
        .replace(/nats:\S+/, dev.url)
        .split(" ")
        .slice(2);
      const service = spawn(process.execPath, [sluice, ...words], { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(service, "exit");
      for await (const log of createInterface({ input: service.stdout })) {
        if (log.includes('"to":"running"')) break;
      }
      service.stdout.resume();
      service.kill("SIGTERM");
      expect((await exited)[0]).toBe(0);
    }
  });

  test("a call that cannot be answered ends with one line that names its code, and exit code 1", async () => {
    await expect(shell("npx sluice infer nonsense --text x --timeout-ms 2000")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: notFound: .*$/m),
    });
  });

  test("a wrong argument exits 2", async () => {
    await expect(shell("npx sluice infer language-id --timeout-ms soon")).rejects.toMatchObject({ code: 2 });
    await expect(shell("npx sluice infer language-id --input x=[")).rejects.toMatchObject({ code: 2 });
  });
});

/** Whether a frame says that another one follows. */
function isMore(answer: unknown): boolean {
  return JSON.stringify(answer).includes('"final":false');
}
