interface Settle<Output> {
  resolve(output: Output): void;
  reject(error: Error): void;
}

/** Calls of one connection that wait for their answer, by an id that travels with each. An id that is unknown is ignored. */
export interface PendingCalls<Output> {
  /** Opens a call and sends it under its id. */
  open(send: (id: string) => void): Promise<Output>;
  resolve(id: string, output: Output): void;
  reject(id: string, error: Error): void;
}

export function createPendingCalls<Output = Float32Array>(): PendingCalls<Output> {
  const pending = new Map<string, Settle<Output>>();
  let nextId = 1;

  function take(id: string): Settle<Output> | undefined {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  }

  return {
    open: (send) =>
      new Promise((resolve, reject) => {
        const id = String(nextId++);
        pending.set(id, { resolve, reject });
        send(id);
      }),
    resolve: (id, output) => take(id)?.resolve(output),
    reject: (id, error) => take(id)?.reject(error),
  };
}
