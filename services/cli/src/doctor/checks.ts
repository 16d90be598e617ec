import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { resolveNatsServer } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";
import { checkServer } from "../check-server.ts";
import type { CliContext } from "../cli-context.ts";
import { dataFolder } from "../data-folder.ts";
import { readDevState } from "../dev/dev-state.ts";
import { modelRepository } from "../dev/plan.ts";
import type { Check } from "./check.ts";

const oldestNode = { major: 20, minor: 19 };

/** Everything `sluice doctor` looks at, in the order in which it matters. */
export function allChecks(context: CliContext): readonly Check[] {
  return [
    nodeCheck(process.versions.node),
    natsServerCheck(context),
    modelRepositoryCheck(context),
    providerCheck(),
    devCheck(context),
  ];
}

/** Whether Node is new enough: older ones lack what the services use. */
export function nodeCheck(version: string): Check {
  return {
    name: "Node",
    async run() {
      const [major = 0, minor = 0] = version.split(".").map(Number);
      const isOld = major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor);
      const remedy = isOld ? `install Node ${oldestNode.major}.${oldestNode.minor} or newer` : "";
      return { state: isOld ? "failed" : "ok", found: version, remedy };
    },
  };
}

/** Whether the NATS server of `NATS_URL` answers, or there is a binary to start; fetches one as `sluice dev` would. */
export function natsServerCheck(context: CliContext): Check {
  return {
    name: "nats-server",
    async run() {
      const { env, clock } = context;
      if ((env["NATS_URL"] ?? "") !== "") {
        await checkServer(context);
        return { state: "ok", found: "that of NATS_URL answers, with JetStream", remedy: "" };
      }
      const { path, version } = await resolveNatsServer({ env, clock, log: silentLogger });
      return { state: "ok", found: `${version} (${path})`, remedy: "" };
    },
  };
}

/** Whether the model repository has models: folders with a `model.yaml`. */
export function modelRepositoryCheck(context: Pick<CliContext, "env" | "folder">): Check {
  return {
    name: "models",
    async run() {
      const folder = modelRepository(context, {});
      const remedy = "name a model repository with --models or SLUICE_MODEL_REPOSITORY";
      if (!existsSync(folder)) return { state: "failed", found: `${folder} does not exist`, remedy };
      const models = readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.yaml")));
      if (models.length === 0)
        return { state: "failed", found: `no model.yaml in folders of ${folder}`, remedy };
      return { state: "ok", found: `${models.join(", ")} (${folder})`, remedy: "" };
    },
  };
}

/** Whether models can run here, and on what. */
function providerCheck(): Check {
  return {
    name: "providers",
    async run() {
      const { probeProviders } = await import("@sluice/engine");
      const reports = await probeProviders();
      const found = reports
        .map(({ name, isAvailable, reason }) => (isAvailable ? name : `${name}: ${reason}`))
        .join(", ");
      const isAny = reports.some(({ isAvailable }) => isAvailable);
      return {
        state: isAny ? "ok" : "failed",
        found,
        remedy: isAny ? "" : "run `npm ci` again; `sluice providers` shows what each provider says",
      };
    },
  };
}

/** Whether a `sluice dev` serves this project. */
function devCheck(context: Pick<CliContext, "env" | "folder">): Check {
  return {
    name: "sluice dev",
    async run() {
      const running = readDevState(dataFolder(context));
      return running === undefined
        ? { state: "ok", found: "not running", remedy: "" }
        : { state: "ok", found: `serves at ${running.url} (process ${running.pid})`, remedy: "" };
    },
  };
}
