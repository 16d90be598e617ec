import { cpus } from "node:os";

/** Time that the processors of this machine have been busy so far, all together, with whatever it was. */
export function readMachineBusyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
