import type { ServerProcess } from "@sluice/nats-server";
import { describeExit, type RunningProcess } from "./running-process.ts";

/** A nats-server as one process of the stack. It was waited for already: it is ready. */
export function runningServer(server: ServerProcess): RunningProcess {
  return {
    pid: server.processId,
    ready: Promise.resolve(),
    exited: server.exited.then(({ exitCode, signal }) => describeExit(exitCode, signal)),
    logTail: () => "",
    // Both resolve when the process is gone, which `exited` tells as well; they do not reject.
    stop: () => void server.stop(),
    kill: () => void server.kill(),
  };
}
