import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installCuda } from "./install-cuda.ts";

const isSupported = process.platform === "linux" && process.arch === "x64";
const binFolder = join("bin", "napi-v6", "linux", "x64");

describe.runIf(isSupported)("installCuda()", () => {
  let packageFolder: string;

  beforeEach(async () => {
    packageFolder = await mkdtemp(join(tmpdir(), "sluice-cuda-"));
    await mkdir(join(packageFolder, "script"));
    await mkdir(join(packageFolder, binFolder), { recursive: true });
  });

  afterEach(() => rm(packageFolder, { recursive: true }));

  /** Puts `code` in the place of the package's install script. */
  function writeScript(code: string): Promise<void> {
    return writeFile(join(packageFolder, "script", "install.js"), code);
  }

  test("asks the script for what the platform has, whatever the environment says", async () => {
    await writeScript(
      "console.log(process.env.ONNXRUNTIME_NODE_INSTALL, process.env.PROXY); process.exit(1)",
    );
    const lines: string[] = [];
    const environment = { ONNXRUNTIME_NODE_INSTALL: "skip", PROXY: "proxy" };
    const installing = installCuda({ packageFolder, environment, onProgress: (line) => lines.push(line) });
    await expect(installing).rejects.toMatchObject({ code: "unavailable" });
    expect(lines).toEqual(["true proxy"]);
  });

  test("tells of a failed download with unavailable and the script's last words as cause, without its stack", async () => {
    await writeScript("throw new Error('Failed to download build list')");
    const lines: string[] = [];
    const installing = installCuda({
      packageFolder,
      environment: {},
      onProgress: (line) => lines.push(line),
    });
    await expect(installing).rejects.toMatchObject({
      code: "unavailable",
      cause: { message: "Error: Failed to download build list" },
    });
    expect(lines).toEqual([]);
  });

  test("ends a script that takes too long with deadlineExceeded", async () => {
    await writeScript("setInterval(() => {}, 1000)");
    const installing = installCuda({ packageFolder, environment: {}, timeoutMs: 200 });
    await expect(installing).rejects.toMatchObject({ code: "deadlineExceeded" });
  });

  test("ends with canceled when it is aborted", async () => {
    await writeScript("console.log('started'); setInterval(() => {}, 1000)");
    const controller = new AbortController();
    const installing = installCuda({
      packageFolder,
      environment: {},
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(installing).rejects.toMatchObject({ code: "canceled" });
  });

  test("names the libraries that the script left out", async () => {
    await writeScript("");
    await writeFile(join(packageFolder, binFolder, "libonnxruntime_providers_shared.so"), "");
    await expect(installCuda({ packageFolder, environment: {} })).rejects.toMatchObject({
      code: "internal",
      message:
        "the install script left out libonnxruntime_providers_cuda.so, libonnxruntime_providers_tensorrt.so",
    });
  });

  test("lists the libraries that the provider needs and the machine lacks", async () => {
    await writeScript("");
    // Any real library will do: this program's own needs are met.
    for (const name of ["shared", "cuda", "tensorrt"]) {
      await cp(process.execPath, join(packageFolder, binFolder, `libonnxruntime_providers_${name}.so`));
    }
    expect(await installCuda({ packageFolder, environment: {} })).toEqual({
      folder: join(packageFolder, binFolder),
      missingLibraries: [],
    });
  });
});
