/** A released version of nats-server. Pre-release suffixes are dropped. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The oldest server Sluice is tested with: Debian 12's. */
export const oldestSupportedVersion: ServerVersion = { major: 2, minor: 9, patch: 10 };

/** Reads the version out of what `nats-server --version` prints ("nats-server: v2.15.1"); `undefined` if there is none. */
export function parseServerVersion(text: string): ServerVersion | undefined {
  const match = /^nats-server: v(\d+)\.(\d+)\.(\d+)/m.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** Whether Sluice runs on this version. */
export function isSupportedVersion(version: ServerVersion): boolean {
  const { major, minor, patch } = oldestSupportedVersion;
  if (version.major !== major) return version.major > major;
  if (version.minor !== minor) return version.minor > minor;
  return version.patch >= patch;
}

/** "2.15.1" */
export function formatServerVersion(version: ServerVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}
