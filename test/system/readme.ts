/** A fenced code block of a document, with the mark that stands in a comment before it. */
export interface MarkedBlock {
  /** As in `<!-- example: examples/01-infer.ts -->`. */
  readonly kind: "example" | "test";
  readonly mark: string;
  readonly code: string;
}

/** Finds the marked code blocks of a Markdown document, in order. */
export function markedBlocks(markdown: string): readonly MarkedBlock[] {
  const pattern = /<!-- (example|test): (\S+) -->\n\n```\w+\n([\s\S]*?)```/g;
  return Array.from(markdown.matchAll(pattern), ([, kind, mark = "", code = ""]) => ({
    kind: kind === "example" ? "example" : "test",
    mark,
    code,
  }));
}
