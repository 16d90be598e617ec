import type { CliContext } from "../cli-context.ts";
import type { ServerAddress } from "../find-server.ts";
import { loginOverrides } from "../read-login.ts";
import { freePort } from "./free-port.ts";
import type { DevPlan } from "./plan.ts";
import { serviceEntry, serviceNames, type ServiceName } from "./service-entry.ts";

/** How one service of the stack is started. */
export interface ServicePlan {
  readonly name: ServiceName;
  readonly entry: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly statusUrl: string;
}

export interface PlanServicesOptions {
  readonly context: Pick<CliContext, "env">;
  readonly plan: Pick<DevPlan, "modelsFolder">;
  readonly server: ServerAddress;
  readonly drainTimeoutMs: number;
}

/** Plans one of each service, each with a status port of its own. What the caller's environment says beside that stays. */
export async function planServices(options: PlanServicesOptions): Promise<readonly ServicePlan[]> {
  const { context, plan, server, drainTimeoutMs } = options;
  const shared = {
    ...context.env,
    ...loginOverrides(server),
    SLUICE_NATS_URL: server.url,
    SLUICE_GRACE_MS: String(drainTimeoutMs / 2),
    SLUICE_DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    SLUICE_STATUS_HOST: "127.0.0.1",
  };
  const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    dispatcher: {},
    worker: { SLUICE_MODEL_REPOSITORY: plan.modelsFolder },
    results: {},
  };
  return Promise.all(
    serviceNames.map(async (name) => {
      const port = await freePort();
      const env = { ...shared, ...own[name], SLUICE_STATUS_PORT: String(port) };
      return { name, entry: serviceEntry(name), env, statusUrl: `http://127.0.0.1:${port}` };
    }),
  );
}
