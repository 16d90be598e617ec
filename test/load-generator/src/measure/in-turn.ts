import { isStable, type WindowFigures } from "./stability.ts";

export interface InTurnOptions<Subject, Window> {
  /** At least so many windows of each, and at most so many while they are not stable. */
  readonly leastRounds: number;
  readonly mostRounds: number;
  readonly measure: (subject: Subject, round: number) => Promise<Window>;
}

export interface InTurnOutcome<Window> {
  /** Of each round the windows of all subjects, in their order. */
  readonly rounds: readonly (readonly Window[])[];
  /** Of each subject, whether its last windows agreed in the end. */
  readonly stable: readonly boolean[];
}

/**
 * Measures a window of each subject in turn, round after round: what the machine does meanwhile meets all of them alike,
 * and ratios can be formed within a round. Ends when the last windows of every subject agree, or after the most rounds.
 */
export async function measureInTurn<Subject, Window extends WindowFigures>(
  subjects: readonly Subject[],
  { leastRounds, mostRounds, measure }: InTurnOptions<Subject, Window>,
): Promise<InTurnOutcome<Window>> {
  const rounds: Window[][] = [];
  const stable = (): boolean[] =>
    subjects.map((_, index) => isStable(rounds.flatMap((round) => round[index] ?? [])));
  while (rounds.length < leastRounds || (rounds.length < mostRounds && stable().includes(false))) {
    const round: Window[] = [];
    for (const subject of subjects) round.push(await measure(subject, rounds.length + 1));
    rounds.push(round);
  }
  return { rounds, stable: stable() };
}
