/** What one look of `sluice doctor` found. */
export interface CheckResult {
  readonly name: string;
  /** `warning`: works, but less than it could. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found. */
  readonly found: string;
  /** What to do about it; "" if nothing. */
  readonly remedy: string;
}

/** Looks at one thing. What it throws is a failed check too. */
export interface Check {
  readonly name: string;
  run(): Promise<Omit<CheckResult, "name">>;
}
