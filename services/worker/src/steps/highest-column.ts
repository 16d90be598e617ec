/** Place of the highest score of a row, the first of several. */
export function highestColumn(row: Float32Array): number {
  let best = 0;
  let bestScore = row[0] ?? 0;
  for (let column = 1; column < row.length; column++) {
    const score = row[column] ?? 0;
    if (score > bestScore) {
      bestScore = score;
      best = column;
    }
  }
  return best;
}
