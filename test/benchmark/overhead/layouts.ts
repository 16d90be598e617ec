/** How many requests are open at once, and over how many connections. */
export interface Layout {
  readonly name: string;
  readonly connections: number;
  readonly outstandingPerClient: number;
}

export const layouts: readonly Layout[] = [
  { name: "1 outstanding", connections: 1, outstandingPerClient: 1 },
  { name: "1 connection x 256", connections: 1, outstandingPerClient: 256 },
  { name: "64 connections x 4", connections: 64, outstandingPerClient: 4 },
];
