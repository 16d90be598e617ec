import type { BarReport } from "./bars.ts";
import { disturbanceNotes } from "./disturbance.ts";
import type { ArmReport, LayoutReport, OverheadReport } from "./report.ts";

/** The report as tables for people. */
export function formatReport({ machine, settings, layouts, bars, leftOut }: OverheadReport): string {
  return [
    `${machine.processorCount} x ${machine.processor}, ${machine.memoryGigabytes} GB, ${machine.system}; ` +
      `Node ${machine.node}, nats-server ${machine.natsServer}`,
    `medians of ${settings.repetitions} or more windows of ${settings.windowMs / 1000} s in turn, ` +
      `after ${settings.warmUpMs / 1000} s of warm-up`,
    "",
    ...layouts.flatMap(formatLayout),
    ...bars.map(formatBar),
    ...Object.entries(leftOut).map(([arm, reason]) => `${arm} was left out: ${reason}`),
    "",
  ].join("\n");
}

function formatLayout({ layout, arms }: LayoutReport): string[] {
  const widest = Math.max(...arms.map(({ arm }) => arm.length));
  return [
    layout,
    `  ${"arm".padEnd(widest)}   req/s    p50 ms    p90 ms    p99 ms  p99.9 ms  NATS msgs  CPU us/request (per process)`,
    ...arms.flatMap((arm) => formatArm(arm, widest)),
    "",
  ];
}

function formatArm(arm: ArmReport, widest: number): string[] {
  const { total = NaN, ...processes } = arm.cpuUsPerRequest;
  const latencies = [arm.p50Ms, arm.p90Ms, arm.p99Ms, arm.p999Ms].map((ms) => ms.toFixed(3).padStart(9));
  const messages = arm.messagesPerRequest?.toFixed(3) ?? "-";
  const indent = " ".repeat(widest + 4);
  const bytes =
    arm.bytesPerRequest === undefined ? "" : `NATS bytes a request ${arm.bytesPerRequest.toFixed(0)}; `;
  const notes = [
    `${bytes}most memory, MB: ${listOf(arm.peakMegabytes, 0)}`,
    ...(arm.stagesMs === undefined ? [] : [`stages, ms: ${listOf(arm.stagesMs, 3)}`]),
    ...(Number.isNaN(arm.lagP50Ms) ? [] : [`sent ${arm.lagP50Ms.toFixed(3)} ms late (p50)`]),
    ...(Object.keys(arm.errors).length === 0 ? [] : [`ERRORS: ${listOf(arm.errors, 0)}`]),
    ...disturbanceNotes(arm).map((note) => `DISTURBED: ${note} meanwhile`),
    ...(arm.isStable ? [] : ["not stable: its last three windows do not agree within 10 %"]),
  ];
  return [
    `  ${arm.arm.padEnd(widest)} ${arm.requestsPerSecond.toFixed(0).padStart(7)} ${latencies.join(" ")} ${messages.padStart(10)}` +
      `  ${total.toFixed(1)} (${listOf(processes, 1)})`,
    ...notes.map((note) => indent + note),
  ];
}

function listOf(figures: object, digits: number): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value).toFixed(digits)}`)
    .join(", ");
}

function formatBar({ name, measured, limit, isMet, goal, isGoalMet }: BarReport): string {
  const bound = "atMost" in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`;
  const next = goal === undefined ? "" : `; then ${goal}: ${isGoalMet === true ? "met" : "missed"}`;
  return `${isMet ? "met   " : "MISSED"} ${name}: ${measured.toPrecision(3)} (${bound}${next})`;
}
