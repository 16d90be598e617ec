import { describe, expect, test } from "vitest";
import { findListedDigest, releaseArchiveFor } from "./release.ts";

const digest = "ab".repeat(32);

describe("releaseArchiveFor()", () => {
  test.each([
    { platform: "linux", architecture: "x64", name: "linux-amd64.tar.gz", digest: "pinned" },
    { platform: "linux", architecture: "arm64", name: "linux-arm64.tar.gz", digest: "pinned" },
    { platform: "darwin", architecture: "arm64", name: "darwin-arm64.tar.gz", digest: "listed" },
    { platform: "win32", architecture: "x64", name: "windows-amd64.zip", digest: "listed" },
  ])("knows the archive for $platform on $architecture, its digest $digest", (expected) => {
    const archive = releaseArchiveFor(expected.platform, expected.architecture);

    expect(archive?.url).toMatch(/^https:/);
    expect(archive?.url.endsWith(expected.name)).toBe(true);
    expect(archive?.digest.kind).toBe(expected.digest);
  });

  test("names the binary after the archive", () => {
    expect(releaseArchiveFor("linux", "x64")?.binaryPath).toBe("nats-server-v2.15.1-linux-amd64/nats-server");
    expect(releaseArchiveFor("win32", "x64")?.binaryPath).toBe(
      "nats-server-v2.15.1-windows-amd64/nats-server.exe",
    );
  });

  test.each([
    ["aix", "x64"],
    ["linux", "mips"],
  ])("knows none for %s on %s", (platform, architecture) => {
    expect(releaseArchiveFor(platform, architecture)).toBeUndefined();
  });
});

describe("findListedDigest()", () => {
  const url = "https://example.test/v1/server.tar.gz";

  test("takes the digest of the archive's own name", () => {
    const list = `${"00".repeat(32)}  server.tar.gz.sbom\n${digest.toUpperCase()}  server.tar.gz\n`;

    expect(findListedDigest(list, url)).toBe(digest);
  });

  test.each([
    ["another archive", `${digest}  other.tar.gz`],
    ["no digest", "not-a-digest  server.tar.gz"],
    ["a page of HTML", "<html>\n<body>server.tar.gz</body>"],
    ["nothing", ""],
  ])("finds none in a list with %s", (_name, list) => {
    expect(findListedDigest(list, url)).toBeUndefined();
  });
});
