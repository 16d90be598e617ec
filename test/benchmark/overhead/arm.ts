import type { LoadProcess, RoleProcess } from "../measure/role-process.ts";

/** One way to get a request answered, with every process it is made of. */
export interface Arm extends AsyncDisposable {
  readonly name: string;
  /** Every process but the client's. */
  readonly processes: readonly RoleProcess[];
  startLoad(connections: number): Promise<LoadProcess>;
}
