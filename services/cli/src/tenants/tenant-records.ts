import type { KeyValue, KeyValueEntry } from "@sluice/messaging";
import { changeTenantRecord, InferenceError, parseTenantKey } from "@sluice/protocol";
import type { RecordKind } from "./record-kind.ts";

/** Which record it is; the default class's has the name "". */
export interface RecordTarget<T extends object> {
  readonly kind: RecordKind<T>;
  readonly name: string;
}

/** A record as it was found, or why it cannot be read. */
export type FoundRecord<T extends object> =
  { readonly name: string; readonly record: T } | { readonly name: string; readonly problem: string };

/** How often a change is tried while others change the same record: enough for people and scripts. */
const maxTries = 10;

/** Whose record it is, as a message says it. */
export function titleOf<T extends object>({ kind, name }: RecordTarget<T>): string {
  return kind.isNamed ? `${kind.noun} "${name}"` : `the ${kind.noun}`;
}

/** Reads a record; `undefined` if there is none. */
export async function findRecord<T extends object>(
  bucket: KeyValue,
  target: RecordTarget<T>,
): Promise<FoundRecord<T> | undefined> {
  const { kind, name } = target;
  const entry = await bucket.get(kind.key(name));
  return entry === undefined ? undefined : readRecord(target, entry);
}

/**
 * Changes the given fields of a record, or begins it with them. It writes only over what it read, and reads again when somebody
 * else was faster, so that no change is lost. Resolves with the record that results.
 * @throws {InferenceError} `invalidArgument` when the record would say something it cannot, and `unavailable` when others are
 * always faster; nothing was written then.
 */
export async function changeRecord<T extends object>(
  bucket: KeyValue,
  target: RecordTarget<T>,
  changes: Readonly<Record<string, unknown>>,
): Promise<T> {
  const { kind, name } = target;
  const key = kind.key(name);
  for (let tryCount = 0; tryCount < maxTries; tryCount++) {
    const before = await bucket.get(key);
    const after = changeTenantRecord(before?.value, changes);
    const record = kind.decode(after);
    const revision =
      before === undefined
        ? await bucket.create(key, after)
        : await bucket.update(key, after, before.revision);
    if (revision !== undefined) return record;
  }
  throw keepsChanging(target, "written");
}

/**
 * Removes a record and resolves with what it was; `undefined` if there was none. It removes only what it read, and reads again
 * when somebody changed it meanwhile.
 * @throws {InferenceError} `unavailable` when others are always faster; nothing was removed then.
 */
export async function removeRecord<T extends object>(
  bucket: KeyValue,
  target: RecordTarget<T>,
): Promise<FoundRecord<T> | undefined> {
  const key = target.kind.key(target.name);
  for (let tryCount = 0; tryCount < maxTries; tryCount++) {
    const entry = await bucket.get(key);
    if (entry === undefined) return undefined;
    if (await bucket.delete(key, entry.revision)) return readRecord(target, entry);
  }
  throw keepsChanging(target, "removed");
}

/** Reads all records of a kind, sorted by name: in one go, because there may be very many. */
export async function listRecords<T extends object>(
  bucket: KeyValue,
  kind: RecordKind<T>,
): Promise<readonly FoundRecord<T>[]> {
  const found = new Map<string, FoundRecord<T>>();
  const watch = await bucket.watch((entry) => {
    const key = parseTenantKey(entry.key);
    if (key === undefined || key.kind === "defaultClass" || key.kind !== kind.noun) return;
    const { name } = key;
    if (entry.isDeleted) found.delete(name);
    else found.set(name, readRecord({ kind, name }, entry));
  });
  watch.stop();
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function keepsChanging<T extends object>(
  target: RecordTarget<T>,
  what: "written" | "removed",
): InferenceError {
  const message = `others keep changing the record of ${titleOf(target)}, so nothing was ${what}: try again`;
  return new InferenceError("unavailable", message);
}

function readRecord<T extends object>(
  { kind, name }: RecordTarget<T>,
  { value }: KeyValueEntry,
): FoundRecord<T> {
  try {
    return { name, record: kind.decode(value) };
  } catch (error) {
    return { name, problem: InferenceError.from(error).message };
  }
}
