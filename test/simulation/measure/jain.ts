/** Jain's index of fairness: 1 where all received the same, 1/n where one of n received all; NaN for none. */
export function jainIndex(received: readonly number[]): number {
  const sum = received.reduce((total, value) => total + value, 0);
  const squares = received.reduce((total, value) => total + value ** 2, 0);
  return sum ** 2 / (received.length * squares);
}
