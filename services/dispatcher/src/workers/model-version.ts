/** Whether version `a` of a model is newer than `b`: versions are numbers; what is not a number is older than any. */
export function isNewerVersion(a: string, b: string): boolean {
  return toNumber(a) > toNumber(b);
}

function toNumber(version: string): number {
  const value = Number(version);
  return Number.isFinite(value) ? value : -Infinity;
}
