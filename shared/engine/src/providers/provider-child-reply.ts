/** What the child process says about the providers of this platform, or about one of them. */
export type ProviderChildReply =
  | { readonly kind: "list"; readonly backends: readonly Backend[] }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string };

interface Backend {
  readonly name: string;
  /** Whether its libraries come with the package. */
  readonly bundled: boolean;
}

/** Reads what the child wrote; both come from this package, so only a cut off text can be wrong. */
export function parseProviderChildReply(text: string): ProviderChildReply {
  return JSON.parse(text);
}
