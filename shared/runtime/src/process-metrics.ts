import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";
import { loopDelaySeconds, loopResolutionMs } from "./loop-delay.ts";

const microsecondsPerSecond = 1e6;

/**
 * Registers CPU, memory and event-loop delay of this process, under the names dashboards know from prom-client. Its own
 * `collectDefaultMetrics` is not used because the timer that measures the delay could never be stopped.
 */
export function registerProcessMetrics(registry: Registry): Disposable {
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();

  const addGauge = (name: string, help: string, read: () => number): void =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  addGauge("process_resident_memory_bytes", "Resident memory", () => process.memoryUsage.rss());
  addGauge("nodejs_heap_size_used_bytes", "Heap in use", () => process.memoryUsage().heapUsed);
  addGauge("nodejs_external_memory_bytes", "Memory outside the heap", () => process.memoryUsage().external);
  addGauge("nodejs_eventloop_lag_mean_seconds", "Mean event-loop delay since the last scrape", () =>
    loopDelaySeconds(delay.mean),
  );
  // Metrics are collected in the order of their creation, so the mean has been read when this starts a new interval.
  addGauge("nodejs_eventloop_lag_max_seconds", "Longest event-loop delay since the last scrape", () => {
    const maxSeconds = loopDelaySeconds(delay.max);
    delay.reset();
    return maxSeconds;
  });
  registry.registerMetric(
    new Counter({
      name: "process_cpu_seconds_total",
      help: "CPU time, user and system",
      registers: [],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / microsecondsPerSecond);
      },
    }),
  );
  return { [Symbol.dispose]: () => void delay.disable() };
}
