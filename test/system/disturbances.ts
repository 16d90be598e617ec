import type { Random } from "@sluice/runtime";
import type { TestNatsServer } from "@sluice/testing";
import type { Cluster, ServiceName, ServiceProcess, Settings } from "./cluster.ts";

/** A service that things happen to; its process is another one after each end. */
export interface Replica {
  readonly service: ServiceName;
  readonly id: string;
  readonly settings: Settings;
  process: ServiceProcess;
  /** Whether its process stands still. */
  isPaused: boolean;
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
}

/** Draws what goes wrong next. Of each kind of service one at most stands still at a time, so another can take its place. */
export function drawDisturbance(disturbed: Disturbed, random: Random): Disturbance {
  const { nats, replicas } = disturbed;
  if (random() < 0.1) return { name: "kill nats-server", happen: () => bringBack(nats) };
  const replica = replicas[Math.floor(random() * replicas.length)];
  if (replica === undefined) throw new Error("there is nothing to disturb");
  const { id, service } = replica;
  const kind = random();
  if (replica.isPaused) {
    return kind < 0.6
      ? { name: `resume ${id}`, happen: () => resume(replica) }
      : { name: `kill paused ${id}`, happen: () => startAgain(disturbed, replica, replica.process.kill()) };
  }
  const others = replicas.filter((other) => other !== replica && other.service === service);
  if (kind < 0.35 && others.every(({ isPaused }) => !isPaused)) {
    return { name: `pause ${id}`, happen: () => pause(replica) };
  }
  return kind < 0.7
    ? { name: `kill ${id}`, happen: () => startAgain(disturbed, replica, replica.process.kill()) }
    : { name: `terminate ${id}`, happen: () => startAgain(disturbed, replica, replica.process.terminate()) };
}

/** Lets a paused process go on; does nothing to another. */
export function resume(replica: Replica): Promise<void> {
  if (replica.isPaused) process.kill(replica.process.pid, "SIGCONT");
  replica.isPaused = false;
  return Promise.resolve();
}

function pause(replica: Replica): Promise<void> {
  process.kill(replica.process.pid, "SIGSTOP");
  replica.isPaused = true;
  return Promise.resolve();
}

async function startAgain({ cluster }: Disturbed, replica: Replica, ended: Promise<unknown>): Promise<void> {
  await ended;
  replica.isPaused = false;
  replica.process = await cluster.start(replica.service, replica.id, replica.settings);
}

async function bringBack(nats: TestNatsServer): Promise<void> {
  await nats.kill();
  await nats.restart();
}
