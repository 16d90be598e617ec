import type { Metrics, StateChanged } from "@sluice/runtime";
import type { ResultsEvent } from "./results-event.ts";

/** Acknowledgements take well below a millisecond; workers send again after 250 ms. */
const ackSecondsBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];
const packSizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Registers the metrics of the results service; the returned function feeds them. */
export function createResultsMetrics(metrics: Metrics): (event: ResultsEvent | StateChanged) => void {
  const frames = metrics.counter({
    name: "sluice_results_frames_total",
    help: "Frames passed on to their callers, by code",
    labelNames: ["code"],
  });
  const packs = metrics.counter({
    name: "sluice_results_packs_total",
    help: "Result packs taken from workers",
  });
  const refused = metrics.counter({
    name: "sluice_results_refused_packs_total",
    help: "Result packs that could not be read",
  });
  const packFrames = metrics.histogram({
    name: "sluice_results_pack_frames",
    help: "Frames of one result pack",
    buckets: packSizeBuckets,
  });
  const duplicates = metrics.counter({
    name: "sluice_results_duplicate_frames_total",
    help: "Frames dropped because they had been passed on before",
  });
  const malformed = metrics.counter({
    name: "sluice_results_malformed_frames_total",
    help: "Frames dropped because of their reply subject",
  });
  const tooLarge = metrics.counter({
    name: "sluice_results_too_large_frames_total",
    help: "Frames replaced by an error because they fit no message",
  });
  const gone = metrics.counter({
    name: "sluice_results_gone_streams_total",
    help: "Streams reported to their worker as without reader",
  });
  const failures = metrics.counter({
    name: "sluice_results_publish_failures_total",
    help: "Messages that could not be published",
  });
  const ackSeconds = metrics.histogram({
    name: "sluice_results_ack_seconds",
    help: "From the arrival of a result pack to its acknowledgement",
    buckets: ackSecondsBuckets,
  });

  return (event) => {
    switch (event.type) {
      case "packRefused":
        refused.inc();
        break;
      case "packTaken":
        packs.inc();
        packFrames.observe(event.frameCount);
        if (event.duplicateCount > 0) duplicates.inc(event.duplicateCount);
        if (event.malformedCount > 0) malformed.inc(event.malformedCount);
        break;
      case "framesPublished":
        for (const [code, count] of event.codes) frames.labels(code).inc(count);
        break;
      case "framesTooLarge":
        tooLarge.inc(event.frameCount);
        break;
      case "publishFailed":
        failures.inc();
        break;
      case "packAcknowledged":
        ackSeconds.observe(event.ackMs / 1000);
        if (event.goneCount > 0) gone.inc(event.goneCount);
        break;
      case "stateChanged":
        break;
    }
  };
}
