import { systemClock } from "@sluice/runtime";
import { createProgram } from "sluice";
import { describe, expect, test } from "vitest";
import { startStack, type Stack } from "./stack.ts";

const yaml = (name: string): string => `name: ${name}
engine: synthetic
pool: tenants
synthetic: { alphaMs: 1, inputs: { input: { datatype: FP32, shape: [-1, 2] } } }
`;
const repository = { echo: yaml("echo"), other: yaml("other") };
const input = { data: Float32Array.of(1, 2), shape: [1, 2] };

/** Runs a line of the `sluice` command and resolves once the dispatcher knows what it changed. */
async function change({ server, dispatcherEvents }: Stack, line: string): Promise<void> {
  const program = createProgram({
    env: { NATS_URL: server },
    folder: "/nowhere",
    clock: systemClock,
    print: () => undefined,
    note: () => undefined,
  });
  await program.parseAsync(["node", "sluice", ...line.split(" ")]);
  await dispatcherEvents.next("tenantRecordChanged");
}

describe("tenants", () => {
  test("are denied, allowed and limited to models while everything runs", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient({ tenant: "acme", retries: 0 });
    const echo = client.model("echo");
    expect((await echo.infer({ input })).outputs["input"]?.values()).toEqual(input.data);

    await change(stack, "tenants default set --unknown-tenants deny");
    await expect(echo.infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" is not known here',
    });

    await change(stack, "tenants set acme --models echo");
    expect((await echo.infer({ input })).outputs["input"]?.values()).toEqual(input.data);
    await expect(client.model("other").infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" may not call model "other"; allowed: echo',
    });
    await using stranger = await stack.connectClient({ tenant: "stranger", retries: 0 });
    await expect(stranger.model("echo").infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: expect.stringContaining('"stranger"'),
    });

    await change(stack, "tenants rm acme");
    await expect(echo.infer({ input })).rejects.toMatchObject({ code: "permissionDenied" });
    expect(stack.dispatcherEvents.count("poolOwned")).toBe(1);
  });
});
