import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { FieldOption, RecordFlags } from "../tenants/record-flags.ts";
import { defaultClassKind, groupKind, tenantKind, type RecordKind } from "../tenants/record-kind.ts";
import type { TenantsFlags } from "../tenants/run-tenants.ts";
import type { RecordTarget } from "../tenants/tenant-records.ts";

/**
 * Adds `sluice tenants`: the records that dispatchers follow. Groups and the default class have commands of their own with the
 * same verbs, because their names would otherwise be taken away from tenants.
 */
export function addTenantsCommand(program: Command, context: CliContext): void {
  const tenants = program
    .command("tenants")
    .description("read and change what tenants are granted; dispatchers follow at once");
  addVerbs(tenants, context, tenantKind);
  const groups = tenants.command("group").description("the same for the groups that tenants share");
  addVerbs(groups, context, groupKind);
  const defaultClass = tenants
    .command("default")
    .description("the same for the default class: all tenants without a record");
  addVerbs(defaultClass, context, defaultClassKind);
}

/** What an option of `set` takes and says. */
const fieldOptions: Readonly<Record<FieldOption, readonly [flags: string, description: string]>> = {
  weight: ["--weight <number>", "share against the others that wait, 0.001 to 1000; 1 unless set"],
  group: ["--group <group>", "the group whose share it takes part in; none unless set"],
  class: [
    "--class <urgent|normal|background>",
    "what waits of a higher class goes before what waits of a lower one; normal unless set",
  ],
  "min-share": [
    "--min-share <part>",
    "part of each pool guaranteed to it while it waits, 0 to 1; 0 unless set",
  ],
  "max-in-flight": [
    "--max-in-flight <count>",
    "most requests with the workers of one pool at a time; no limit unless set",
  ],
  "max-queue-seconds": [
    "--max-queue-seconds <seconds>",
    "longest queue in one pool, in seconds of its own fair rate; no limit unless set",
  ],
  "rate-ms-per-second": [
    "--rate-ms-per-second <ms>",
    "worker-milliseconds a second that it may spend in all pools together, 1000 = one worker; no limit unless set",
  ],
  "burst-ms": [
    "--burst-ms <ms>",
    "worker-milliseconds that it may spend at once after a pause; a second of the rate unless set",
  ],
  "daily-budget-seconds": [
    "--daily-budget-seconds <seconds>",
    "worker-seconds that it may spend in all pools together on a UTC day; no limit unless set",
  ],
  "monthly-budget-seconds": [
    "--monthly-budget-seconds <seconds>",
    "the same for a UTC month; no limit unless set",
  ],
  models: ["--models <names>", "models that may be called, separated by commas; all unless set"],
  "unknown-tenants": [
    "--unknown-tenants <admit|deny>",
    "whether tenants without a record are served at all; admit unless set",
  ],
};

type Flags = TenantsFlags & RecordFlags;

function addVerbs<T extends object>(parent: Command, context: CliContext, kind: RecordKind<T>): void {
  const whose = kind.isNamed ? `a ${kind.noun}'s` : `the ${kind.noun}'s`;
  const run = () => import("../tenants/run-tenants.ts");
  const add = (verb: string, description: string): Command =>
    parent
      .command(verb)
      .description(description)
      .option(
        "--nats <url>",
        "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
      )
      .option("--json", "print JSON");
  const takesOne = (
    command: Command,
    act: (target: RecordTarget<T>, flags: Flags) => Promise<void>,
  ): Command =>
    kind.isNamed
      ? command.argument(`<${kind.noun}>`).action((name: string, flags: Flags) => act({ kind, name }, flags))
      : command.action((flags: Flags) => act({ kind, name: "" }, flags));

  const set = add("set", `change what is given of ${whose} record, or begin one, and print the result`);
  for (const option of kind.options) set.option(...fieldOptions[option]);
  set.option("--unset <names>", "options, separated by commas, whose fields go back to their defaults");
  takesOne(set, async (target, flags) => (await run()).runSet(context, target, flags));
  takesOne(add("get", `print ${whose} record`), async (target, flags) =>
    (await run()).runGet(context, target, flags),
  );
  takesOne(add("rm", `remove ${whose} record and print what it was`), async (target, flags) =>
    (await run()).runRemove(context, target, flags),
  );
  if (!kind.isNamed) return;
  add("list", `list the records of all ${kind.noun}s`).action(async (flags: TenantsFlags) =>
    (await run()).runList(context, kind, flags),
  );
}
