interface Settle {
  resolve(output: Float32Array): void;
  reject(error: Error): void;
}

/** Calls of one connection that wait for their answer, by an id that travels with each. An id that is unknown is ignored. */
export interface PendingCalls {
  /** Opens a call and sends it under its id. */
  open(send: (id: string) => void): Promise<Float32Array>;
  resolve(id: string, output: Float32Array): void;
  reject(id: string, error: Error): void;
}

export function createPendingCalls(): PendingCalls {
  const pending = new Map<string, Settle>();
  let nextId = 1;

  function take(id: string): Settle | undefined {
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
