import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Client, ModelInputs } from "@sluice/client";
import type { PoolEvent } from "@sluice/protocol";
import { watchProcess, type LogLine } from "../../system/cluster.ts";
import type { PoolEvents } from "../stage/pool-events.ts";

/** What a worker is started with, and where the others already run. */
export interface StartOptions {
  readonly server: string;
  readonly repository: string;
  readonly model: string;
  readonly inputs: ModelInputs;
  /** See `SLUICE_CALIBRATION_MS`. */
  readonly calibrationMs: number;
  readonly poolEvents: PoolEvents;
  readonly client: Client;
}

/** How long a start took until each thing had happened, one after the other, in milliseconds. */
export interface ColdStart {
  /** The process runs and has read its configuration. */
  readonly processMs: number;
  /** It has read its repository and is connected. */
  readonly connectMs: number;
  /** The engine has the model. */
  readonly loadMs: number;
  /** The model was measured. */
  readonly calibrateMs: number;
  /** The owner has announced the model to everybody. */
  readonly announceMs: number;
  /** The first call was answered, sent as soon as that was heard. */
  readonly answerMs: number;
  /** All of it. */
  readonly totalMs: number;
}

/** The launcher of the `sluice` command. */
const sluice = fileURLToPath(new URL("../bin/sluice.js", import.meta.resolve("sluice")));
const answerTimeoutMs = 10_000;

/** Starts `sluice worker` for one model, asks it once and ends it; resolves once it is gone for the owner too. */
export async function startOnce(options: StartOptions): Promise<ColdStart> {
  const { server, repository, model, inputs, calibrationMs, poolEvents, client } = options;
  const startedMs = Date.now();
  const child = spawn(
    process.execPath,
    [sluice, "worker", "--nats", server, "--repository", repository, "--models", model],
    {
      env: {
        ...process.env,
        SLUICE_CALIBRATION_MS: String(calibrationMs),
        SLUICE_STATUS_PORT: "0",
        SLUICE_LOG_LEVEL: "info",
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const worker = watchProcess(child, `the worker of ${model}`);
  try {
    const logged = (message: string): Promise<LogLine> => worker.logged((line) => line["msg"] === message);
    // No line is looked for: this only fails, if the worker ends.
    const whileRunning = worker.logged(() => false);
    const announced = poolEvents.next((event) => isServed(event, model));
    await Promise.race([announced, whileRunning]);
    const announcedMs = Date.now();
    await client.model(model).infer(inputs, { timeoutMs: answerTimeoutMs });
    const answeredMs = Date.now();
    const readMs = timeOf(await logged("configuration read"));
    const connectedMs = timeOf(await logged("status served"));
    const loadedMs = timeOf(await logged("model loaded"));
    const calibrateMs = Number(worker.log.find(({ msg }) => msg === "model calibrated")?.["tookMs"] ?? 0);
    return {
      processMs: readMs - startedMs,
      connectMs: connectedMs - readMs,
      loadMs: loadedMs - connectedMs - calibrateMs,
      calibrateMs,
      announceMs: announcedMs - loadedMs,
      answerMs: answeredMs - announcedMs,
      totalMs: answeredMs - startedMs,
    };
  } finally {
    await worker.terminate();
    await poolEvents.next((event) => !isServed(event, model));
  }
}

function isServed({ models }: PoolEvent, name: string): boolean {
  return models.some((model) => model.name === name && model.workerCount > 0);
}

function timeOf({ time }: LogLine): number {
  return Date.parse(String(time));
}
