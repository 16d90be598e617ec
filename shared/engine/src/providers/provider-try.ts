/** An execution provider that onnxruntime-node has on this platform, as it lists them. */
export interface Backend {
  readonly name: string;
  /** Whether its libraries come with the package. */
  readonly bundled: boolean;
}

/** How the child process fared with one provider. */
export type ProviderTry = { readonly kind: "ready" } | { readonly kind: "failed"; readonly message: string };
