/** Holds whoever passes until it is opened: lets a test say "not yet" to the code it drives. */
export interface Gate {
  readonly isOpen: boolean;
  /** Resolves once the gate is open. */
  pass(): Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let release: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isOpen = false;
  return {
    get isOpen() {
      return isOpen;
    },
    pass: () => opened,
    open() {
      isOpen = true;
      release();
    },
  };
}
