import type { BrokerCounters } from "@sluice/load-generator";
import type { LoadProcess, RoleProcess } from "../measure/role-process.ts";

/** One way to get a request answered, with every process it is made of. */
export interface Arm extends AsyncDisposable {
  readonly name: string;
  /** Every process but the client's. */
  readonly processes: readonly RoleProcess[];
  /** Reads the counters of its nats-server, if it has one. */
  readBroker?(): Promise<BrokerCounters>;
  startLoad(connections: number): Promise<LoadProcess>;
}
