export { createGaps, type Arrivals } from "./arrivals/arrivals.ts";
export {
  drawExponential,
  drawGamma,
  drawLogNormal,
  type GammaOptions,
  type LogNormalOptions,
} from "./arrivals/distributions.ts";
export { createRandom } from "./arrivals/random.ts";
export { runClosedLoop, type ClosedLoopOptions } from "./load/closed-loop.ts";
export { runOpenLoop, type OpenLoopOptions } from "./load/open-loop.ts";
export type { LoadRecord } from "./load/recorder.ts";
export { summarize, type LoadSummary } from "./load/summary.ts";
export type { Payloads, Target } from "./load/target.ts";
export { readBrokerCounters, type BrokerCounters } from "./measure/broker-counters.ts";
export { measureInTurn, type InTurnOptions, type InTurnOutcome } from "./measure/in-turn.ts";
export { createLatencies, type Latencies } from "./measure/latencies.ts";
export { median, quantile } from "./measure/median.ts";
export { readProcessCpuMs, readProcessUsage, type ProcessUsage } from "./measure/process-usage.ts";
export type { WindowFigures } from "./measure/stability.ts";
export { readMachineTimes, type MachineTimes } from "./measure/machine-times.ts";
export { describeMachine, type MachineRecord } from "./report/machine-record.ts";
export { drawLineChart, type ChartLine, type LineChart } from "./report/line-chart.ts";
