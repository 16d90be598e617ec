/**
 * Calls a function whose errors have no stacks. For errors that only tell callers what was wrong, and of which there may be
 * thousands: a stack takes several times as long as everything else about a refusal.
 */
export function withoutStacks<Result>(call: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return call();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
