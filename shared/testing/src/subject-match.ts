/**
 * Tells whether `subject` falls under `pattern`, as NATS does it: `*` stands for one token, a final `>` for one or more.
 */
export function matchesSubject(pattern: string, subject: string): boolean {
  const patternTokens = pattern.split(".");
  const subjectTokens = subject.split(".");
  for (const [index, token] of patternTokens.entries()) {
    if (token === ">") return subjectTokens.length > index;
    if (index >= subjectTokens.length) return false;
    if (token !== "*" && token !== subjectTokens[index]) return false;
  }
  return patternTokens.length === subjectTokens.length;
}
