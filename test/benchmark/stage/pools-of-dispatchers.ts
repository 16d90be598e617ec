import { rendezvousWinner } from "@sluice/scheduling";

/** The name of a pool for each dispatcher, which it will own: found by the rule that places them. */
export function poolsOfDispatchers(dispatchers: readonly string[]): readonly string[] {
  return dispatchers.map((dispatcher) => {
    for (let number = 1; ; number++) {
      if (rendezvousWinner(`pool-${number}`, dispatchers) === dispatcher) return `pool-${number}`;
    }
  });
}
