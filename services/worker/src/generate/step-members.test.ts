import { describe, expect, test } from "vitest";

import { aSequence } from "./sequence.fixture.ts";
import type { Member, StepMembers } from "./step-members.ts";
import { createStepMembers } from "./step-members.ts";

const limits = { maxSequences: 2, maxTokens: 100, maxContext: 50 };

/** Lets sequences ask for a token, in this order. */
function ask(members: StepMembers, ...lengths: readonly number[]): Member[] {
  return lengths.map((length) => {
    const member = members.of(aSequence(length), 0, { tenant: "acme", expel: () => {} });
    member.isAsking = true;
    return member;
  });
}

describe("createStepMembers()", () => {
  test("lets sequences in as long as there is room, in the order of coming", () => {
    const members = createStepMembers(limits);
    const [first, second, third] = ask(members, 20, 20, 20);
    expect(members.admit()).toEqual({ running: [first, second], joined: [first, second] });
    expect(third?.state).toBe("waiting");
    if (first !== undefined) members.leave(first.sequence);
    expect(members.admit()).toEqual({ running: [second, third], joined: [third] });
  });

  test("lets nobody pass who waits for more room", () => {
    const members = createStepMembers({ ...limits, maxSequences: 9 });
    const [running, large, small] = ask(members, 40, 60, 10);
    expect(members.admit().running).toEqual([running]);
    expect([large?.state, small?.state]).toEqual(["waiting", "waiting"]);
  });

  test("parks who does not ask, and lets it go on before those that wait", () => {
    const members = createStepMembers(limits);
    const [first, second, third] = ask(members, 20, 20, 20);
    members.admit();
    if (first !== undefined) first.isAsking = false;
    expect(members.admit().running).toEqual([second, third]);
    expect(first?.state).toBe("parked");
    const [fourth] = ask(members, 20);
    if (first !== undefined) first.isAsking = true;
    if (second !== undefined) members.leave(second.sequence);
    expect(members.admit()).toEqual({ running: [first, third], joined: [] });
    expect(fourth?.state).toBe("waiting");
  });

  test("keeps what parked ones have read until the memory is needed", () => {
    const members = createStepMembers({ ...limits, maxSequences: 9 });
    const [parked] = ask(members, 30);
    members.admit();
    if (parked === undefined) throw new Error("nobody asked");
    Object.assign(parked, { isAsking: false, seenCount: 25 });
    ask(members, 30);
    members.admit();
    expect(members.takeForgotten()).toEqual([]);
    expect(parked.seenCount).toBe(25);
    ask(members, 30, 30);
    members.admit();
    expect(members.takeForgotten()).toEqual([parked.id]);
    expect(parked.seenCount).toBe(0);
  });

  test("keeps what parked ones have read when nobody gets in by freeing it", () => {
    const members = createStepMembers({ ...limits, maxSequences: 1 });
    const [parked] = ask(members, 20);
    members.admit();
    if (parked === undefined) throw new Error("nobody asked");
    Object.assign(parked, { isAsking: false, seenCount: 10 });
    const [running] = ask(members, 20, 20);
    expect(members.admit().running).toEqual([running]);
    expect(members.takeForgotten()).toEqual([]);
    expect(parked.seenCount).toBe(10);
  });

  test("does not count twice what is kept for the one that goes on", () => {
    const members = createStepMembers(limits);
    const [parked] = ask(members, 50);
    members.admit();
    if (parked === undefined) throw new Error("nobody asked");
    Object.assign(parked, { isAsking: false, seenCount: 49 });
    ask(members, 50);
    members.admit();
    parked.isAsking = true;
    expect(members.admit().running).toHaveLength(2);
    expect(parked.seenCount).toBe(49);
  });

  test("has those in the way that were parked first once four times as many are here as can run", () => {
    const members = createStepMembers(limits);
    const parked: Member[] = [];
    for (let count = 0; count < 8; count++) {
      expect(members.inTheWay).toBeUndefined();
      const [member] = ask(members, 10);
      members.admit();
      if (member === undefined) throw new Error("nobody asked");
      member.isAsking = false;
      members.admit();
      parked.push(member);
    }
    expect(members.room).toBe(2);
    expect(members.inTheWay).toBe(parked[0]);
    // Who asks again is not in the way any more, but does not run yet.
    for (const member of parked.slice(0, 7)) member.isAsking = true;
    expect(members.inTheWay).toBe(parked[7]);
    expect(members.room).toBe(1);
    for (const member of parked.slice(7)) member.isAsking = true;
    expect(members.inTheWay).toBeUndefined();
    expect(members.room).toBe(0);
  });

  test("has nothing to forget of who leaves before it was in a step", () => {
    const members = createStepMembers(limits);
    const [member] = ask(members, 10);
    if (member !== undefined) members.leave(member.sequence);
    expect(members.takeForgotten()).toEqual([]);
  });

  test("forgets who leaves, even during its first step, and once", () => {
    const members = createStepMembers(limits);
    const [member] = ask(members, 10);
    if (member === undefined) throw new Error("nobody asked");
    members.admit();
    expect(members.leave(member.sequence)).toBe(true);
    expect(members.leave(member.sequence)).toBe(false);
    expect(members.takeForgotten()).toEqual([member.id]);
    expect(members.takeForgotten()).toEqual([]);
  });
});
