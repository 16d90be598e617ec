import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@sluice/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBinaryCache } from "./binary-cache.ts";
import type { DownloadProgress } from "./download.ts";
import { downloadServer, type DownloadSourceOptions } from "./download-source.ts";
import type { ArchiveDigest } from "./release.ts";
import { createRunCommand } from "./run-command.ts";

const run = createRunCommand({ env: process.env });

const releaseName = "nats-server-v2.15.1-linux-amd64";

/** Archives a folder as a release does, with a script in place of the server. */
async function createArchive(folder: string): Promise<Buffer> {
  await mkdir(join(folder, releaseName));
  const script = '#!/bin/sh\necho "nats-server: v2.15.1"\n';
  await writeFile(join(folder, releaseName, "nats-server"), script);
  execFileSync("tar", ["-czf", "archive.tar.gz", releaseName], { cwd: folder });
  return readFile(join(folder, "archive.tar.gz"));
}

function digestOf(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

describe("downloadServer()", () => {
  let folder: string;
  let archive: Buffer;
  let server: Server;
  let serverUrl: string;
  let respond: RequestListener;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-download-"));
    archive = await createArchive(folder);
    respond = (_request, response) => response.end(archive);
    server = createServer((request, response) => respond(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    serverUrl = `http://127.0.0.1:${address.port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  async function download(
    digest: ArchiveDigest,
    options: Partial<DownloadSourceOptions> = {},
  ): Promise<unknown> {
    const url = `${serverUrl}/${releaseName}.tar.gz`;
    return downloadServer({
      archive: { url, binaryPath: `${releaseName}/nats-server`, digest },
      cache: createBinaryCache({ cacheFolder: folder, run }),
      run,
      clock: systemClock,
      ...options,
    });
  }

  const pinned = (content: Buffer | string): ArchiveDigest => ({ kind: "pinned", sha256: digestOf(content) });

  const cachedNames = async (): Promise<string[]> => readdir(join(folder, "sluice", "nats-server"));

  test("takes the binary of an archive with the pinned digest into the cache", async () => {
    const binary = await download(pinned(archive));

    expect(binary).toEqual({
      path: join(folder, "sluice", "nats-server", "2.15.1", "nats-server"),
      version: "2.15.1",
    });
    expect(await cachedNames()).toEqual(["2.15.1"]);
  });

  test("tells how far it is", async () => {
    const progress: DownloadProgress[] = [];
    await download(pinned(archive), { onProgress: (step) => progress.push(step) });

    expect(progress.at(-1)).toEqual({
      url: `${serverUrl}/${releaseName}.tar.gz`,
      receivedBytes: archive.byteLength,
      totalBytes: archive.byteLength,
    });
  });

  test("throws an archive with another digest away", async () => {
    await expect(download(pinned("what was released"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(
        `its SHA-256 is ${digestOf(archive)}, expected ${digestOf("what was released")}`,
      ),
    });
    expect(await cachedNames()).toEqual([]);
  });

  test("takes the digest from the release's list where none is pinned", async () => {
    const digest: ArchiveDigest = { kind: "listed", url: `${serverUrl}/SHA256SUMS` };
    const listed = `${digestOf(archive)}  ${releaseName}.tar.gz\n`;
    respond = (request, response) => response.end(request.url === "/SHA256SUMS" ? listed : archive);

    expect(await download(digest)).toMatchObject({ version: "2.15.1" });
  });

  test("fetches no archive that the release's list does not name", async () => {
    const paths: (string | undefined)[] = [];
    respond = (request, response) => {
      paths.push(request.url);
      response.end(`${digestOf(archive)}  other.tar.gz\n`);
    };

    const digest: ArchiveDigest = { kind: "listed", url: `${serverUrl}/SHA256SUMS` };
    await expect(download(digest)).rejects.toThrow(`/SHA256SUMS does not list ${serverUrl}`);
    expect(paths).toEqual(["/SHA256SUMS"]);
  });

  test("says which status an answer had", async () => {
    respond = (_request, response) => response.writeHead(404).end("not found");

    await expect(download(pinned(archive))).rejects.toThrow(`${releaseName}.tar.gz: HTTP status 404`);
  });

  test("says why nobody could be reached", async () => {
    server.close();
    await once(server, "close");

    await expect(download(pinned(archive))).rejects.toThrow("ECONNREFUSED");
  });

  test("gives up on a server that accepts and says nothing", async () => {
    const { clock, fire } = createHandClock();
    respond = () => fire(5000);

    await expect(download(pinned(archive), { clock })).rejects.toThrow("no answer within 5000 ms");
  });

  test("gives up on a server that stops in the middle", async () => {
    const { clock, fire } = createHandClock();
    respond = (_request, response) => {
      response.write(archive.subarray(0, 10));
    };
    const onProgress = (): void => fire(180_000);

    await expect(download(pinned(archive), { clock, onProgress })).rejects.toThrow(
      "not complete within 180000 ms",
    );
    expect(await cachedNames()).toEqual([]);
  });

  test("ends with the signal and keeps nothing", async () => {
    const controller = new AbortController();
    const reason = new Error("shutdown");
    const onProgress = (): void => controller.abort(reason);

    await expect(download(pinned(archive), { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(await cachedNames()).toEqual([]);
  });

  test("keeps nothing of a connection that breaks", async () => {
    respond = (_request, response) => {
      response.writeHead(200, { "content-length": archive.byteLength });
      response.write(archive.subarray(0, 10), () => response.destroy());
    };

    await expect(download(pinned(archive))).rejects.toMatchObject({ code: "unavailable" });
    expect(await cachedNames()).toEqual([]);
  });

  test("stops at an answer that does not end", async () => {
    respond = (_request, response) => {
      const megabyte = Buffer.alloc(1024 * 1024);
      const writeOn = (): void => {
        while (response.write(megabyte));
      };
      response.on("drain", writeOn);
      writeOn();
    };

    await expect(download(pinned(archive))).rejects.toThrow("more than 67108864 bytes");
    expect(await cachedNames()).toEqual([]);
  });

  test("says that an archive cannot be unpacked", async () => {
    respond = (_request, response) => response.end("no archive");

    await expect(download(pinned("no archive"))).rejects.toThrow("tar failed");
  });

  test("says that nothing is released for a machine", async () => {
    await expect(download(pinned(archive), { archive: undefined })).rejects.toThrow(
      "there is no official release for this kind of machine",
    );
  });
});

/** A clock whose timers go off when they are told to. */
function createHandClock(): { readonly clock: Clock; readonly fire: (delayMs: number) => void } {
  const callbacks = new Map<number, () => void>();
  const clock: Clock = {
    ...systemClock,
    schedule(delayMs, callback) {
      callbacks.set(delayMs, callback);
      return { [Symbol.dispose]: () => callbacks.delete(delayMs) };
    },
  };
  return { clock, fire: (delayMs) => callbacks.get(delayMs)?.() };
}
