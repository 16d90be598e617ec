import type { AdmittedRequest, Frame, RunName } from "@sluice/protocol";
import { InferenceError, runName } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { isWhole } from "./engine-run-plan.ts";
import type { RunTimes } from "./frame-maker.ts";
import { failureFrame, noTimes, resultFrame } from "./frame-maker.ts";
import { createPartJoiner } from "./join-parts.ts";
import type { OpenBatch } from "./open-batch.ts";
import type { RefusedRequest } from "./plan-batch.ts";
import type { AnsweredPart } from "./split-results.ts";

/** Ends each request of a batch once: with its result, with an error, given back, or failed together with others. */
export interface BatchAnswers {
  /** Those that were given back. */
  readonly returned: readonly RunName[];
  /** Those that failed together with others. */
  readonly failed: readonly RunName[];
  /** Those that were refused before any of their rows had run. */
  readonly unrun: readonly RunName[];
  /** Whether parts of a request that are left are to run. */
  isOpen(request: AdmittedRequest): boolean;
  /**
   * Takes the results of a run and answers the requests of which no row is missing.
   * @throws {InferenceError} `internal` when the rows of a request do not fit together.
   */
  add(answered: readonly AnsweredPart[], times: RunTimes): void;
  /** Answers requests that must not run, or not go on, with their errors, unless they have ended. */
  refuse(refused: readonly RefusedRequest[]): void;
  /** Answers a request whose run failed with its error, unless it has ended: another run of a request that is cut may have failed. */
  failAlone(failed: RefusedRequest): void;
  giveBack(requests: Iterable<AdmittedRequest>): void;
  /** Gives back what would be answered too late; of what has begun already nobody else can be in time, so that it is answered. */
  giveUpLate(requests: Iterable<AdmittedRequest>): void;
  fail(requests: Iterable<AdmittedRequest>): void;
}

export interface BatchAnswersOptions {
  readonly batch: OpenBatch;
  readonly clock: Clock;
  /** Takes answers as soon as they are known. */
  readonly answer: (frames: readonly Frame[]) => void;
}

/** Creates the answers of a batch of which nothing has ended. */
export function createBatchAnswers({ batch, clock, answer }: BatchAnswersOptions): BatchAnswers {
  const ended = new Set<AdmittedRequest>();
  const joiner = createPartJoiner();
  const returned: RunName[] = [];
  const failed: RunName[] = [];
  const unrun: RunName[] = [];

  const end = (requests: Iterable<AdmittedRequest>, names: RunName[]): void => {
    for (const request of requests) {
      if (ended.has(request)) continue;
      ended.add(request);
      names.push(runName(request));
    }
  };

  const answerErrors = (refused: readonly RefusedRequest[]): void => {
    if (refused.length === 0) return;
    const moment = { batch, nowMs: clock.monotonicMs(), times: noTimes };
    for (const { request } of refused) ended.add(request);
    answer(refused.map(({ request, error }) => failureFrame(request, error, moment)));
  };

  const refuse = (refused: readonly RefusedRequest[]): void => {
    const open = refused.filter(({ request }) => !ended.has(request));
    for (const { request } of open) if (!joiner.hasBegun(request)) unrun.push(runName(request));
    answerErrors(open);
  };

  return {
    returned,
    failed,
    unrun,
    isOpen: (request) => !ended.has(request),
    add: (answered, times) => {
      const moment = { batch, nowMs: clock.monotonicMs(), times };
      const frames: Frame[] = [];
      const cut: AnsweredPart[] = [];
      for (const one of answered) {
        if (isWhole(one.part)) frames.push(resultFrame(one.part.request, one.result, moment));
        else cut.push(one);
      }
      for (const { request, result, times: all } of joiner.add(cut, times)) {
        frames.push(resultFrame(request, result, { ...moment, times: all }));
      }
      if (frames.length > 0) answer(frames);
    },
    refuse,
    failAlone: (alone) => answerErrors(ended.has(alone.request) ? [] : [alone]),
    giveBack: (requests) => end(requests, returned),
    giveUpLate: (requests) => {
      const late = [...requests];
      refuse(late.filter(joiner.hasBegun).map((request) => ({ request, error: tooLate(request) })));
      end(late, returned);
    },
    fail: (requests) => end(requests, failed),
  };
}

function tooLate({ timeoutMs }: AdmittedRequest): InferenceError {
  return new InferenceError("deadlineExceeded", `the request could not finish within ${timeoutMs} ms`);
}
