import type { InferenceError } from "@sluice/protocol";

import { pickExpelled } from "./pick-expelled.ts";
import type { Sequence } from "./sequence.ts";
import type { StepLimits } from "./step-room.ts";
import { fitsBeside, roomBeside } from "./step-room.ts";

/**
 * A sequence in a step loop.
 *
 * *Waiting*: from its entry until there is room for it in a step. *Running*: in every step from then on. *Parked*: once a
 * step begins without it having asked for a token, until it asks again and there is room; it takes part in nothing, what
 * the engine keeps of it is freed when others need the memory, and it has to leave when another needs its place.
 */
export interface Member extends Guest {
  /** What the decoder calls it. */
  readonly id: number;
  readonly sequence: Sequence;
  /** Steps that had ended when it came. */
  readonly entryStep: number;
  state: "waiting" | "running" | "parked";
  /** Whether it wants a token. */
  isAsking: boolean;
  /** When it was parked last, by the number of parkings before. */
  parkedOrder: number;
  /** Tokens that the decoder has seen. */
  seenCount: number;
}

/** Whose a sequence is. */
export interface Guest {
  readonly tenant: string;
  /** Ends it, since its place is taken by another. */
  readonly expel: (reason: InferenceError) => void;
}

/** Who is in a step loop, and who may be in its next step. */
export interface StepMembers {
  /** How many more may come, where who is parked makes way. */
  readonly room: number;
  /** Who has to leave before one more comes; `undefined` = nobody. */
  readonly inTheWay: Member | undefined;
  /** The member of a sequence; it enters if it is not here. */
  of(sequence: Sequence, endedSteps: number, guest: Guest): Member;
  has(member: Member): boolean;
  /** Returns whether it was here. */
  leave(sequence: Sequence): boolean;
  /**
   * Says who is in the next step, as far as the limits allow: first who ran in the last one and asks again, then who was
   * parked, then who waits; each in the order of coming.
   * @returns those that run, and which of them are in a step for the first time.
   */
  admit(): { readonly running: readonly Member[]; readonly joined: readonly Member[] };
  /** Takes the ids of which the decoder has to forget what it keeps. */
  takeForgotten(): number[];
}

/** Sequences that may be here for each that can run: parked ones keep open what their readers wait for, and need memory. */
const membersPerPlace = 4;

/** Creates the members of a loop without any. */
export function createStepMembers(limits: StepLimits): StepMembers {
  const members = new Map<Sequence, Member>();
  let forgotten: number[] = [];
  const mostMembers = membersPerPlace * limits.maxSequences;
  let lastId = 0;
  let parkings = 0;

  const all = (state: Member["state"]): Member[] =>
    [...members.values()].filter((member) => member.state === state);
  /** Who takes part in nothing, and wants nothing. */
  const idle = (): Member[] => all("parked").filter(({ isAsking }) => !isAsking);
  const lengthsOf = (state: Member["state"]): number[] =>
    all(state).map(({ sequence }) => sequence.maxLength);

  const forget = (member: Member): void => {
    forgotten.push(member.id);
    member.seenCount = 0;
  };

  /** Frees the memory of others that are parked until `member` fits, of those that came first first; of nobody if that does not help. */
  const makeRoom = (member: Member): boolean => {
    const { maxLength } = member.sequence;
    const running = lengthsOf("running");
    const fits = (parkedTokens: number): boolean => fitsBeside(maxLength, { running, parkedTokens }, limits);
    if (!fits(0)) return false;
    const keeping = all("parked").filter((other) => other !== member && other.seenCount > 0);
    let parkedTokens = keeping.reduce((total, { seenCount }) => total + seenCount, 0);
    for (const other of keeping) {
      if (fits(parkedTokens)) break;
      parkedTokens -= other.seenCount;
      forget(other);
    }
    return true;
  };

  return {
    get room() {
      const places = roomBeside([...lengthsOf("running"), ...lengthsOf("waiting")], limits);
      return Math.max(0, Math.min(places, mostMembers - members.size + idle().length));
    },
    get inTheWay() {
      return members.size < mostMembers ? undefined : pickExpelled(idle());
    },
    of: (sequence, endedSteps, guest) => {
      const known = members.get(sequence);
      if (known !== undefined) return known;
      lastId += 1;
      const member: Member = {
        ...guest,
        id: lastId,
        sequence,
        entryStep: endedSteps,
        state: "waiting",
        isAsking: false,
        parkedOrder: 0,
        seenCount: 0,
      };
      members.set(sequence, member);
      return member;
    },
    has: (member) => members.get(member.sequence) === member,
    leave: (sequence) => {
      const member = members.get(sequence);
      if (member === undefined) return false;
      // The decoder has what its first step read even if that has not ended.
      if (member.state !== "waiting") forget(member);
      return members.delete(sequence);
    },
    admit: () => {
      for (const member of all("running")) {
        if (member.isAsking) continue;
        member.state = "parked";
        parkings += 1;
        member.parkedOrder = parkings;
      }
      const joined: Member[] = [];
      for (const member of [...all("parked"), ...all("waiting")]) {
        if (!member.isAsking) continue;
        if (!makeRoom(member)) break;
        if (member.state === "waiting") joined.push(member);
        member.state = "running";
      }
      return { running: all("running"), joined };
    },
    takeForgotten: () => {
      const taken = forgotten;
      forgotten = [];
      return taken;
    },
  };
}
