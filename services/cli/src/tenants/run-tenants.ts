import type { KeyValue, Messaging } from "@sluice/messaging";
import { buckets, InferenceError } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { formatJson, formatTable } from "../format-table.ts";
import { openMessaging } from "../open-messaging.ts";
import { toChanges, type RecordFlags } from "./record-flags.ts";
import type { RecordKind } from "./record-kind.ts";
import { readSpending, spendingText } from "./spending.ts";
import {
  changeRecord,
  findRecord,
  listRecords,
  removeRecord,
  titleOf,
  type FoundRecord,
  type RecordTarget,
} from "./tenant-records.ts";

/** The options of every command on records. */
export interface TenantsFlags {
  readonly nats?: string;
  readonly json?: boolean;
}

/** Changes a record and prints what results. */
export async function runSet<T extends object>(
  context: CliContext,
  target: RecordTarget<T>,
  flags: TenantsFlags & RecordFlags,
): Promise<void> {
  const { kind, name } = target;
  const changes = toChanges(flags, kind.options);
  await withBucket(context, flags, async (bucket) => {
    const record = await changeRecord(bucket, target, changes);
    context.print(formatOne(kind, { name, record }, flags));
  });
}

/** Prints a record; that of a tenant or a group with what it has spent, if anything was counted. */
export async function runGet<T extends object>(
  context: CliContext,
  target: RecordTarget<T>,
  flags: TenantsFlags,
): Promise<void> {
  const { kind, name } = target;
  await withBucket(context, flags, async (bucket, messaging) => {
    const { builtIn } = kind;
    const found =
      (await findRecord(bucket, target)) ?? (builtIn === undefined ? undefined : { name, record: builtIn });
    if (found === undefined) throw absent(target);
    if ("problem" in found) {
      throw new InferenceError(
        "internal",
        `the record of ${titleOf(target)} cannot be read: ${found.problem}; set it right, or remove it`,
      );
    }
    const spent = kind.of && (await readSpending(messaging, { of: kind.of, name }));
    const record = { ...found.record, ...(spent && { spent }) };
    context.print(formatOne(kind, { name, record }, flags));
    if (spent !== undefined && flags.json !== true) context.print(spendingText(spent));
  });
}

/** Removes a record and prints what it was. */
export async function runRemove<T extends object>(
  context: CliContext,
  target: RecordTarget<T>,
  flags: TenantsFlags,
): Promise<void> {
  await withBucket(context, flags, async (bucket) => {
    const found = await removeRecord(bucket, target);
    if (found === undefined) throw absent(target);
    context.print(formatOne(target.kind, found, flags));
    context.note(`removed the record of ${titleOf(target)}: ${target.kind.absence}`);
  });
}

/** Prints all records of a kind; one that cannot be read says why. */
export async function runList<T extends object>(
  context: CliContext,
  kind: RecordKind<T>,
  flags: TenantsFlags,
): Promise<void> {
  await withBucket(context, flags, async (bucket) => {
    const found = await listRecords(bucket, kind);
    const json = found.map((each) => toJson(kind, each));
    context.print(flags.json === true ? formatJson(json) : formatRows(kind, found));
  });
}

async function withBucket(
  context: CliContext,
  flags: TenantsFlags,
  use: (bucket: KeyValue, messaging: Messaging) => Promise<void>,
): Promise<void> {
  await using messaging = await openMessaging(context, flags);
  await use(await messaging.keyValue(buckets.tenants), messaging);
}

function absent<T extends object>(target: RecordTarget<T>): InferenceError {
  return new InferenceError("notFound", `${titleOf(target)} has no record: ${target.kind.absence}`);
}

function formatOne<T extends object>(
  kind: RecordKind<T>,
  found: FoundRecord<T>,
  { json }: TenantsFlags,
): string {
  return json === true ? formatJson(toJson(kind, found)) : formatRows(kind, [found]);
}

function toJson<T extends object>(kind: RecordKind<T>, { name, ...found }: FoundRecord<T>): object {
  const content = "record" in found ? found.record : found;
  return kind.isNamed ? { [kind.noun]: name, ...content } : content;
}

/** A record that cannot be read has its reason behind the columns. */
function formatRows<T extends object>(kind: RecordKind<T>, found: readonly FoundRecord<T>[]): string {
  const rows = found.map((each) => [
    ...(kind.isNamed ? [each.name] : []),
    ...("record" in each ? kind.cells(each.record) : [...kind.headings.map(() => ""), each.problem]),
  ]);
  return formatTable([[...(kind.isNamed ? [kind.noun] : []), ...kind.headings], ...rows]);
}
