import type { Random } from "@sluice/runtime";
import type { TcpProxy, TestNatsServer } from "@sluice/testing";
import type { Cluster, ServiceName, ServiceProcess, Settings } from "./cluster.ts";

/** A service that things happen to; its process is another one after each end. */
export interface Replica {
  readonly service: ServiceName;
  readonly id: string;
  readonly settings: Settings;
  /** What its connection goes through. */
  readonly proxy: TcpProxy;
  process: ServiceProcess;
  /** What stands still of it. */
  standstill: "none" | "process" | "connection";
}

/** Something that goes wrong. Resolves when it has happened, and whoever ended has started again. */
export interface Disturbance {
  readonly name: string;
  happen(): Promise<void>;
}

export interface Disturbed {
  readonly cluster: Cluster;
  readonly nats: TestNatsServer;
  readonly replicas: readonly Replica[];
  /** What connections go through that are cut, and come back, and nothing else, by whose they are. */
  readonly cuttable: Readonly<Record<"client" | "w4", TcpProxy>>;
}

/** Draws what goes wrong next. Of each kind of service one at most stands still at a time, so another can take its place. */
export function drawDisturbance(disturbed: Disturbed, random: Random): Disturbance {
  const { nats, replicas, cuttable } = disturbed;
  const where = random();
  if (where < 0.1) return { name: "kill nats-server", happen: () => bringBack(nats) };
  if (where < 0.15) return { name: "cut client", happen: () => cut(cuttable.client) };
  if (where < 0.2) return { name: "cut w4", happen: () => cut(cuttable.w4) };
  const replica = replicas[Math.floor(random() * replicas.length)];
  if (replica === undefined) throw new Error("there is nothing to disturb");
  const { id, service } = replica;
  const kind = random();
  if (replica.standstill !== "none") {
    return kind < 0.6
      ? { name: `resume ${id}`, happen: () => resume(replica) }
      : { name: `kill still ${id}`, happen: () => startAgain(disturbed, replica, replica.process.kill()) };
  }
  const others = replicas.filter((other) => other !== replica && other.service === service);
  if (others.every(({ standstill }) => standstill === "none")) {
    if (kind < 0.2) return { name: `pause ${id}`, happen: () => pause(replica) };
    if (kind < 0.4) return { name: `stall ${id}`, happen: () => stall(replica) };
  }
  if (kind < 0.5) return { name: `cut ${id}`, happen: () => cut(replica.proxy) };
  if (kind < 0.6) return { name: `forget ${id}`, happen: () => forget(replica.proxy) };
  return kind < 0.8
    ? { name: `kill ${id}`, happen: () => startAgain(disturbed, replica, replica.process.kill()) }
    : { name: `terminate ${id}`, happen: () => startAgain(disturbed, replica, replica.process.terminate()) };
}

/** Lets what stands still of a service go on, if anything does. */
export function resume(replica: Replica): Promise<void> {
  if (replica.standstill === "process") process.kill(replica.process.pid, "SIGCONT");
  if (replica.standstill === "connection") replica.proxy.resume();
  replica.standstill = "none";
  return Promise.resolve();
}

function pause(replica: Replica): Promise<void> {
  process.kill(replica.process.pid, "SIGSTOP");
  replica.standstill = "process";
  return Promise.resolve();
}

function stall(replica: Replica): Promise<void> {
  replica.proxy.stall();
  replica.standstill = "connection";
  return Promise.resolve();
}

function cut(proxy: TcpProxy): Promise<void> {
  proxy.cut();
  return Promise.resolve();
}

function forget(proxy: TcpProxy): Promise<void> {
  proxy.forget();
  return Promise.resolve();
}

async function startAgain({ cluster }: Disturbed, replica: Replica, ended: Promise<unknown>): Promise<void> {
  await ended;
  if (replica.standstill === "connection") {
    // Its host is gone, which nobody tells the server; it starts again on another one.
    replica.proxy.forget();
    replica.proxy.resume();
  }
  replica.standstill = "none";
  replica.process = await cluster.start(replica.service, replica.id, replica.settings);
}

async function bringBack(nats: TestNatsServer): Promise<void> {
  await nats.kill();
  await nats.restart();
}
