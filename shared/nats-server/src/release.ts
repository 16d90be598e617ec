/** One archive of an official release. */
export interface ReleaseArchive {
  readonly url: string;
  /** Path of the binary inside the archive. */
  readonly binaryPath: string;
  readonly digest: ArchiveDigest;
}

/** What the archive's SHA-256 is compared with. */
export type ArchiveDigest =
  /** A digest written down here: whoever changes the release afterwards is found out. */
  | { readonly kind: "pinned"; readonly sha256: string }
  /** The release's own list: finds a damaged download, not a changed release. */
  | { readonly kind: "listed"; readonly url: string };

/** The release that is downloaded. */
export const pinnedVersion = "2.15.1";

/** SHA-256 of the archives of {@link pinnedVersion}; `docs/nats-server.md` says where they come from. */
const pinnedDigests: Readonly<Record<string, string>> = {
  "linux-amd64": "bf5edc7b1ce98e885c368cb43a886eb148dc5d0551d99f3cf6141fb5e1954c70",
  "linux-arm64": "e2fbab4cad7d3c76e3052eb959570393c9d73ba756b70bf8e9eea61e9ae6d49c",
};

/** Node's names of what a release exists for, and the release's. */
const releaseSystems: Readonly<Record<string, string>> = {
  linux: "linux",
  darwin: "darwin",
  win32: "windows",
};
const releaseArchitectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const releasesUrl = "https://github.com/nats-io/nats-server/releases/download";

/** The official archive for a machine; `undefined` if none is made for it. */
export function releaseArchiveFor(platform: string, architecture: string): ReleaseArchive | undefined {
  const system = releaseSystems[platform];
  const processor = releaseArchitectures[architecture];
  if (system === undefined || processor === undefined) return undefined;
  const name = `nats-server-v${pinnedVersion}-${system}-${processor}`;
  const isWindows = system === "windows";
  const sha256 = pinnedDigests[`${system}-${processor}`];
  const folderUrl = `${releasesUrl}/v${pinnedVersion}`;
  return {
    url: `${folderUrl}/${name}.${isWindows ? "zip" : "tar.gz"}`,
    binaryPath: `${name}/nats-server${isWindows ? ".exe" : ""}`,
    digest:
      sha256 === undefined ? { kind: "listed", url: `${folderUrl}/SHA256SUMS` } : { kind: "pinned", sha256 },
  };
}

/** Finds an archive's digest in the text of a SHA256SUMS file: lines of `<hex>  <name>`. */
export function findListedDigest(list: string, archiveUrl: string): string | undefined {
  const name = archiveUrl.slice(archiveUrl.lastIndexOf("/") + 1);
  for (const line of list.split("\n")) {
    const [digest, listedName] = line.trim().split(/\s+\*?/);
    if (listedName === name && digest !== undefined && /^[0-9a-f]{64}$/i.test(digest))
      return digest.toLowerCase();
  }
  return undefined;
}
