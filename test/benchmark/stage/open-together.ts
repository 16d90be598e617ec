/** Closes something that was opened; what it resolves with is of no use. */
export type Close = () => Promise<unknown>;

/**
 * Opens several things that are closed together, the last one first: when the result is disposed of, or at once when one of
 * them cannot be opened. One that cannot be closed keeps none of the others open.
 * @param open - calls `onClose` as soon as something is open.
 */
export async function openTogether<T extends object>(
  open: (onClose: (close: Close) => void) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const closes: Close[] = [];
  const closeAll = async (): Promise<void> => {
    const close = closes.pop();
    if (close === undefined) return;
    try {
      await close();
    } finally {
      await closeAll();
    }
  };
  try {
    const opened = await open((close) => closes.push(close));
    return { ...opened, [Symbol.asyncDispose]: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
