import { connectMessaging } from "@sluice/messaging";
import { buckets, encodeBudgetRecord, encodeGroupRecord } from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { runLine, startCli } from "./cli.fixture.ts";

describe("sluice tenants", () => {
  test("set changes the given fields and prints the record that results", async () => {
    await using cli = await startCli();
    const begun = await cli.run("tenants set acme --weight 3 --group lab --max-in-flight 64 --models a,b");
    expect(begun.output).toBe(
      "tenant  weight  group  class   min share  max in flight  max queue seconds  rate ms/s  burst ms  daily budget s  monthly budget s  models\n" +
        "acme    3       lab    normal  0          64             no limit           no limit             no limit        no limit          a, b\n",
    );
    expect(await cli.json("tenants set acme --min-share 0.2 --unset group,models")).toEqual({
      tenant: "acme",
      weight: 3,
      group: "",
      minShare: 0.2,
      maxInFlight: 64,
    });
    expect(await cli.json("tenants get acme")).toMatchObject({ weight: 3, minShare: 0.2 });
  });

  test("set bounds the queue of a tenant, of the default class and of a group", async () => {
    await using cli = await startCli();
    expect(await cli.json("tenants set acme --max-queue-seconds 2.5")).toEqual({
      tenant: "acme",
      weight: 1,
      group: "",
      minShare: 0,
      maxQueueSeconds: 2.5,
    });
    expect((await cli.run("tenants list")).output).toMatch(/^acme .* 2\.5 .* all$/m);
    const unset = await cli.json("tenants set acme --unset max-queue-seconds");
    expect(unset).not.toHaveProperty("maxQueueSeconds");
    expect(await cli.json("tenants default set --max-queue-seconds 4")).toMatchObject({ maxQueueSeconds: 4 });
    expect(await cli.json("tenants group set lab --max-queue-seconds 6")).toMatchObject({
      maxQueueSeconds: 6,
    });
  });

  test("set grants a class to a tenant and to the default class, not to a group", async () => {
    await using cli = await startCli();
    expect(await cli.json("tenants set acme --class urgent")).toMatchObject({
      tenant: "acme",
      class: "urgent",
    });
    expect((await cli.run("tenants list")).output).toMatch(/^acme +1 +none +urgent /m);
    expect(await cli.json("tenants default set --class background")).toMatchObject({ class: "background" });
    expect(await cli.json("tenants set acme --unset class")).not.toHaveProperty("class");
    await expect(cli.run("tenants set acme --class first")).rejects.toMatchObject({
      code: "invalidArgument",
      message: '"class" is "first", expected one of urgent, normal, background',
    });
    await expect(cli.run("tenants group set lab --class urgent")).rejects.toMatchObject({
      code: "commander.unknownOption",
    });
  });

  test("set limits rate, burst and budgets of a tenant, of the default class and of a group", async () => {
    await using cli = await startCli();
    const begun = await cli.run("tenants set acme --rate-ms-per-second 500 --daily-budget-seconds 60");
    expect(begun.output).toMatch(/^acme .* 500 +500 +60 +no limit +all$/m);
    const options = "--burst-ms 2000 --monthly-budget-seconds 900 --unset daily-budget-seconds";
    expect(await cli.json(`tenants set acme ${options}`)).toEqual({
      tenant: "acme",
      weight: 1,
      group: "",
      minShare: 0,
      rateMsPerSecond: 500,
      burstMs: 2000,
      monthlyBudgetSeconds: 900,
    });
    expect(await cli.json("tenants default set --rate-ms-per-second 100")).toMatchObject({
      rateMsPerSecond: 100,
    });
    const group = "--rate-ms-per-second 4000 --burst-ms 9000 --daily-budget-seconds 60";
    expect(await cli.json(`tenants group set lab ${group} --monthly-budget-seconds 900`)).toEqual({
      group: "lab",
      weight: 1,
      rateMsPerSecond: 4000,
      burstMs: 9000,
      dailyBudgetSeconds: 60,
      monthlyBudgetSeconds: 900,
    });
    expect((await cli.run("tenants group list")).output).toMatch(/^lab +1 .* 4000 +9000 +60 +900 +all$/m);
  });

  test("get says what was spent of budgets, once anything was", async () => {
    await using cli = await startCli();
    await cli.run("tenants set acme --daily-budget-seconds 60");
    expect(await cli.json("tenants get acme")).not.toHaveProperty("spent");
    await using messaging = await connectMessaging({
      servers: [cli.url],
      name: "dispatcher",
      log: silentLogger,
      clock: systemClock,
    });
    const bucket = await messaging.keyValue(buckets.budgets);
    const record = { day: "2026-11-22", daySpentMs: 1234.56, monthSpentMs: 60_000 };
    await bucket.put("acme", encodeBudgetRecord(record));
    await bucket.put("group.acme", encodeBudgetRecord({ ...record, daySpentMs: 7000 }));
    await cli.run("tenants group set acme --daily-budget-seconds 600");
    expect(await cli.json("tenants group get acme")).toMatchObject({
      dailyBudgetSeconds: 600,
      spent: { daySeconds: 7 },
    });
    expect(await cli.json("tenants get acme")).toMatchObject({
      dailyBudgetSeconds: 60,
      spent: { day: "2026-11-22", daySeconds: 1.235, monthSeconds: 60 },
    });
    expect((await cli.run("tenants get acme")).output).toMatch(
      /^spent: 1\.235 worker-seconds on 2026-11-22 \(UTC\), 60 in its month$/m,
    );
  });

  test("set without options makes a tenant known", async () => {
    await using cli = await startCli();
    expect((await cli.run("tenants set plain")).output).toBe(
      "tenant  weight  group  class   min share  max in flight  max queue seconds  rate ms/s  burst ms  daily budget s  monthly budget s  models\n" +
        "plain   1       none   normal  0          no limit       no limit           no limit             no limit        no limit          all\n",
    );
  });

  test("rm prints what it removed; then there is nothing to get or to remove", async () => {
    await using cli = await startCli();
    await cli.run("tenants set leaving --weight 7");
    const removed = await cli.run("tenants rm leaving");
    expect(removed.output).toMatch(/^leaving +7 /m);
    expect(removed.notes).toEqual(['removed the record of tenant "leaving": it is of the default class']);
    for (const verb of ["get", "rm"]) {
      await expect(cli.run(`tenants ${verb} leaving`)).rejects.toMatchObject({
        code: "notFound",
        message: 'tenant "leaving" has no record: it is of the default class',
      });
    }
  });

  test("group has the same verbs, and names of its own", async () => {
    await using cli = await startCli();
    await cli.run("tenants group set shared --weight 2");
    await cli.run("tenants set shared --weight 5");
    expect(await cli.json("tenants group list")).toEqual([{ group: "shared", weight: 2 }]);
    expect(await cli.json("tenants group get shared")).toEqual({ group: "shared", weight: 2 });
    expect(await cli.json("tenants get shared")).toMatchObject({ tenant: "shared", weight: 5 });
    expect(await cli.json("tenants group rm shared")).toEqual({ group: "shared", weight: 2 });
    expect(await cli.json("tenants group set shared --min-share 0.4 --models a,b")).toEqual({
      group: "shared",
      weight: 1,
      minShare: 0.4,
      models: ["a", "b"],
    });
  });

  test("default has what holds without a record until it gets one", async () => {
    await using cli = await startCli();
    const builtIn = { weight: 1, group: "", minShare: 0, unknownTenants: "admit" };
    expect(await cli.json("tenants default get")).toEqual(builtIn);
    await expect(cli.run("tenants default rm")).rejects.toMatchObject({ code: "notFound" });
    const denied = { ...builtIn, unknownTenants: "deny" };
    expect(await cli.json("tenants default set --unknown-tenants deny")).toEqual(denied);
    expect(await cli.json("tenants default get")).toEqual(denied);
    expect((await cli.run("tenants default rm")).output).toMatch(/^1 .* deny$/m);
  });

  test("a tenant may be called default or group", async () => {
    await using cli = await startCli();
    for (const name of ["default", "group"]) {
      expect(await cli.json(`tenants set ${name} --weight 9`)).toMatchObject({ tenant: name, weight: 9 });
      expect(await cli.json(`tenants rm ${name}`)).toMatchObject({ tenant: name, weight: 9 });
    }
  });

  test("list has every tenant, and says which record cannot be read; get refuses it and set sets it right", async () => {
    await using cli = await startCli();
    await using messaging = await connectMessaging({
      servers: [cli.url],
      name: "operator",
      log: silentLogger,
      clock: systemClock,
    });
    const bucket = await messaging.keyValue(buckets.tenants);
    await bucket.put("tenant.broken", encodeGroupRecord({ weight: -1 }));
    const problem = '"weight" is -1, expected a number from 0.001 to 1000';
    await cli.run("tenants set whole");
    expect(await cli.json("tenants list")).toEqual(
      expect.arrayContaining([
        { tenant: "broken", problem },
        { tenant: "whole", weight: 1, group: "", minShare: 0 },
      ]),
    );
    const { output } = await cli.run("tenants list");
    expect(output).toMatch(/^broken {10,}"weight" is -1/m);
    await expect(cli.run("tenants get broken")).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining(problem),
    });
    expect(await cli.json("tenants set broken --weight 1")).toMatchObject({ weight: 1 });
  });

  test.each([
    ["tenants set acme --weight heavy", '"weight" is "heavy", expected a number from 0.001 to 1000'],
    ["tenants set acme --min-share 2", '"minShare" is 2, expected a number from 0 to 1'],
    ["tenants set acme --max-queue-seconds 0", '"maxQueueSeconds" is 0, expected a number above 0'],
    ["tenants set acme --max-queue-seconds 1s", '"maxQueueSeconds" is "1s", expected a number above 0'],
    ["tenants set acme --rate-ms-per-second fast", '"rateMsPerSecond" is "fast", expected a number above 0'],
    ["tenants set acme --models a,,b", '"models" is "", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [
      "tenants default set --unknown-tenants maybe",
      '"unknownTenants" is "maybe", expected one of admit, deny',
    ],
    ["tenants set a.b", '"tenant" is "a.b", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [
      "tenants group set lab --unset class",
      '--unset names "class", expected some of weight, min-share, max-in-flight, max-queue-seconds, rate-ms-per-second, burst-ms, daily-budget-seconds, monthly-budget-seconds, models',
    ],
  ])("refuses %s", async (line, message) => {
    await using cli = await startCli();
    await expect(cli.run(line)).rejects.toMatchObject({ code: "invalidArgument", message });
  });

  test.each(["tenants group set lab --group wing", "tenants set", "tenants set acme --unknown-tenants deny"])(
    "does not know %s",
    async (line) => {
      await using cli = await startCli();
      await expect(cli.run(line)).rejects.toMatchObject({ code: expect.stringMatching(/^commander\./) });
    },
  );

  test("loses no change of many at the same time", async () => {
    await using cli = await startCli();
    const changes = ["--weight 2", "--group lab", "--min-share 0.1", "--max-in-flight 8", "--models a"];
    await Promise.all(changes.map((change) => cli.run(`tenants set busy ${change}`)));
    expect(await cli.json("tenants get busy")).toEqual({
      tenant: "busy",
      weight: 2,
      group: "lab",
      minShare: 0.1,
      maxInFlight: 8,
      models: ["a"],
    });
  });
});

describe("sluice tenants without a server", () => {
  test("says where the address came from", async () => {
    await expect(runLine("nats://127.0.0.1:1", "tenants list")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("the address came from NATS_URL"),
    });
  });
});
