import { InferenceError } from "@sluice/protocol";
import { peerArms } from "../peers/peer-arms.ts";
import type { Arm } from "./arm.ts";
import { startNatsArm, startRoles } from "./nats-arm.ts";
import { startSluiceEcho, startSluiceModel } from "./sluice-services.ts";

/** How each arm is started. Those of the first part echo; the others run `overhead-probe`, one of them `language-id`. */
const starters: ReadonlyMap<string, () => Promise<Arm>> = new Map([
  ["bare", () => startNatsArm("bare", (site) => startRoles(site, { responder: "bare-responder" }))],
  [
    "floor",
    () =>
      startNatsArm("floor", (site) =>
        startRoles(site, { results: "floor-results", owner: "floor-owner", worker: "floor-worker" }),
      ),
  ],
  [
    "floor-straight",
    () =>
      startNatsArm("floor-straight", (site) =>
        startRoles(site, { owner: "floor-owner", worker: "floor-worker-straight" }),
      ),
  ],
  ["sluice", () => startNatsArm("sluice", startSluiceEcho)],
  ["sluice-probe", () => startNatsArm("sluice-probe", (site) => startSluiceModel(site, "overhead-probe"))],
  ["sluice-language", () => startNatsArm("sluice-language", (site) => startSluiceModel(site, "language-id"))],
  ...peerArms,
]);

export const armNames: readonly string[] = [...starters.keys()];

export interface StartedArms extends AsyncDisposable {
  readonly arms: readonly Arm[];
  /** Why arms cannot be had on this machine, by their names. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Starts arms by their names. One that needs what this machine does not have is left out. */
export async function startArms(
  names: readonly string[],
  onProgress: (line: string) => void,
): Promise<StartedArms> {
  const arms: Arm[] = [];
  const leftOut = new Map<string, string>();
  const close = async (): Promise<void> => {
    for (const arm of arms) await arm[Symbol.asyncDispose]();
  };
  try {
    for (const name of names) {
      onProgress(`starting ${name}`);
      const reason = await startInto(arms, name);
      if (reason === undefined) continue;
      leftOut.set(name, reason);
      onProgress(`${name} is left out: ${reason}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { arms, leftOut, [Symbol.asyncDispose]: close };
}

/** Why an arm could not be started, if it could not. */
async function startInto(arms: Arm[], name: string): Promise<string | undefined> {
  const start = starters.get(name);
  if (start === undefined) throw new Error(`no benchmark arm "${name}"; there are ${armNames.join(", ")}`);
  try {
    arms.push(await start());
    return undefined;
  } catch (error) {
    if (!(error instanceof InferenceError) || error.code !== "unavailable") throw error;
    return error.message;
  }
}
