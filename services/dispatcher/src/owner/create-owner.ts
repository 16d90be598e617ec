import { packHeadBytes, takeoverQuietMs, type PoolRecord } from "@sluice/protocol";
import { createBatchScheduler, createFairQueue } from "@sluice/scheduling";
import { workerAbsenceMs } from "../settings.ts";
import { createAbsence } from "./absence.ts";
import { createAdmission } from "./admission.ts";
import { createAdoption } from "./adoption.ts";
import { createAnswerDelay } from "./answer-delay.ts";
import { createAnnouncer } from "./announcer.ts";
import { createBacklog } from "./backlog.ts";
import { createBatchForming } from "./batch-forming.ts";
import { createBatches } from "./batches.ts";
import { createControls } from "./controls.ts";
import { createCreditDesk } from "./credit-desk.ts";
import { createCredits } from "./credits.ts";
import { createDispatch } from "./dispatch.ts";
import { createDrops } from "./drops.ts";
import { createLastAttempts } from "./last-attempts.ts";
import { createLosses } from "./losses.ts";
import { createModelRecords } from "./model-records.ts";
import { createNoteRun } from "./note-run.ts";
import type { OpenRequest } from "./open-request.ts";
import { createOpenRuns } from "./open-runs.ts";
import type { Owner, OwnerPhase } from "./owner.ts";
import type { OwnerOptions } from "./owner-options.ts";
import { createReplies } from "./replies.ts";
import { createReports } from "./reports.ts";
import { createRetry } from "./retry.ts";
import { createRosterListener } from "./roster-listener.ts";
import { createPoolSubscriptions } from "./subscriptions.ts";
import { createTenantSamples } from "./tenant-samples.ts";
import { createVisibility, noteRefusals } from "./visibility.ts";

/** Creates an owner in `queueing`: it subscribes the pool's subjects at once. */
export function createOwner(options: OwnerOptions): Owner {
  const { self, roster, messaging, policies, wallets, clock, settings, heardUntilMs, onDoubt } = options;
  const { pool } = roster;
  let phase: OwnerPhase = "queueing";
  let record: PoolRecord = { owner: self, epoch: 0, state: "owned" };
  let quietTimer: Disposable | undefined;
  /** When workers have had the time to introduce themselves to a new owner. */
  let knowsWorkersAtMs = Infinity;
  /** When workers, even those that stood still, have had the time to list what they run. */
  let knowsRunsAtMs = Infinity;
  let lastArrival = 0;

  const epoch = (): number => record.epoch;
  const samples = createTenantSamples();
  const onEvent = noteRefusals(samples, options.onEvent);
  const maxBatchBytes = messaging.maxPayloadBytes - packHeadBytes;
  const version = (model: string): string => roster.signature(model)?.version ?? "";
  const replies = createReplies({
    pool,
    messaging,
    clock,
    onEvent,
    epoch,
    version,
    // Where the pool was taken meanwhile another owner has the same requests, and answers them.
    mayAnswer: () =>
      phase === "queueing" || phase === "frozen" || (phase !== "closed" && options.holdsLease()),
    maxHeldFrames: settings.maxQueueRequests,
  });
  const openRuns = createOpenRuns();
  const queue = createFairQueue<OpenRequest>({ policies });
  const scheduler = createBatchScheduler({ queue });
  const answerDelay = createAnswerDelay();
  const rulesOf = (model: string) => roster.signature(model)?.batching;
  const forming = createBatchForming({ roster, isRunning: (model) => batches.hasModel(model) });
  const backlog = createBacklog({
    queue,
    scheduler,
    openRuns,
    wallets,
    clock,
    maxRequests: settings.maxQueueRequests,
    maxBytes: settings.maxQueueBytes,
    rulesOf,
    forming,
    drop: createDrops({ pool, replies, clock, rulesOf, onEvent }),
    // Work may have been kept from a worker for the sake of what is gone.
    onDue: () => dispatch.soon(),
  });
  const batches = createBatches({ openRuns, backlog });
  const credits = createCredits(batches.countOf);
  const { maxAttempts } = settings;
  const retry = createRetry({ pool, backlog, openRuns, replies, maxAttempts, onEvent });
  const reports = createReports({
    roster,
    backlog,
    batches,
    openRuns,
    retry,
    messaging,
    maxAttempts,
    onEvent,
    clock,
    onDone: createNoteRun({ samples, scheduler, answerDelay, roster }),
    expectsBatches: () => record.epoch === 0,
  });
  const held = { roster, backlog, batches, openRuns };
  const adoption = createAdoption({ ...held, policies, clock, maxAttempts });
  const { isServedElsewhere } = options;
  const absence = createAbsence({ roster, backlog, batches, replies, isServedElsewhere });
  const dispatch = createDispatch({
    roster,
    backlog,
    forming,
    batches,
    credits,
    lastAttempts: createLastAttempts({ roster, backlog, batches, credits }),
    answerDelay,
    replies,
    retry,
    messaging,
    clock,
    maxBatchBytes,
    onEvent,
    epoch,
    mayGrant: () => phase === "serving" && options.holdsLease(),
    onRefused: onDoubt,
  });
  const admission = createAdmission({
    ...held,
    scheduler,
    replies,
    policies,
    wallets,
    clock,
    settings,
    maxRequestBytes: maxBatchBytes,
    onEvent,
    refusesWithoutWorker: () => phase === "serving" && clock.monotonicMs() >= knowsWorkersAtMs,
    boundsTenants: () => phase === "serving",
    nextArrival: () => (lastArrival += 1),
  });
  const desk = createCreditDesk({
    pool,
    batches,
    credits,
    reports,
    dispatch,
    messaging,
    clock,
    onEvent,
    epoch,
    knowsEpoch: () => record.epoch > 0,
    onNewerEpoch: onDoubt,
  });
  const controls = createControls({
    backlog,
    openRuns,
    replies,
    messaging,
    clock,
    onEvent,
    lacksRuns: () => phase === "frozen" || clock.monotonicMs() < knowsRunsAtMs,
  });
  const subscriptions = createPoolSubscriptions({
    pool,
    messaging,
    queueGroup: options.queueGroup,
    onRequests: (model, message) => {
      admission.admit(model, message);
      dispatch.soon();
    },
    onControl: (message) => {
      controls.take(message);
      // As after an expiry.
      dispatch.soon();
    },
    onCredit: desk.take,
  });
  const announcer = createAnnouncer({
    pool,
    messaging,
    clock,
    onEvent,
    event: () =>
      phase === "quiet" || phase === "serving" ? { pool, ...record, models: roster.models } : undefined,
  });
  const seen = { self, roster, queue, backlog, batches, credits, samples, maxBatchBytes };
  const visibility = createVisibility({ ...seen, messaging, clock, onEvent, epoch });
  const modelRecords = createModelRecords({ ...options, bucket: options.models });

  const openModels = (): void => subscriptions.open(roster.models.map((model) => model.name));

  const losses = createLosses({ roster, batches, credits, retry, dispatch, heardUntilMs });

  const serve = (): void => {
    phase = "serving";
    controls.again();
    dispatch.soon();
  };

  const listening = roster.listen(
    createRosterListener({
      reports,
      losses,
      controls,
      scheduler,
      announcer,
      dispatch,
      openModels,
      recordModels: () => {
        if (phase === "quiet" || phase === "serving") modelRecords.update();
      },
      isFrozen: () => phase === "frozen",
      keepsReports: () => record.epoch === 0,
    }),
  );
  openModels();

  return {
    pool,
    get epoch() {
      return record.epoch;
    },
    get phase() {
      return phase;
    },
    get queueGroup() {
      return subscriptions.queueGroup;
    },
    get isDry() {
      return backlog.size() === 0 && batches.size === 0;
    },
    contents: () => ({
      virtualTimes: [...backlog.virtualTimes()],
      batches: [...batches.all()],
      waiting: [...backlog.requests()],
    }),
    own: (next) => {
      record = next;
      adoption.finish();
      reports.settle();
      const nowMs = clock.monotonicMs();
      knowsWorkersAtMs = nowMs + takeoverQuietMs;
      knowsRunsAtMs = nowMs + workerAbsenceMs;
      phase = "quiet";
      if (next.state === "taken") quietTimer = clock.schedule(takeoverQuietMs, serve);
      else serve();
      announcer.now();
      modelRecords.update();
      visibility.open();
    },
    join: subscriptions.join,
    freeze: async () => {
      quietTimer?.[Symbol.dispose]();
      visibility.close();
      phase = "frozen";
      await subscriptions.drain();
      desk.move();
      replies.flush();
      await messaging.flush();
    },
    thaw: () => {
      batches.listedUntil(clock.monotonicMs());
      openModels();
      visibility.open();
      serve();
      announcer.now();
    },
    closeIntake: () => subscriptions.drainRequests(),
    adopt: adoption.adopt,
    passOn: () => {
      reports.passOn();
      controls.passOn();
    },
    refuseWaiting: (refusal) => {
      for (const request of backlog.requests()) {
        if (backlog.remove(request)) replies.refuseRequest(request, refusal);
      }
      replies.flush();
    },
    tick: () => {
      if (phase !== "quiet" && phase !== "serving") return;
      replies.flush();
      const nowMs = clock.monotonicMs();
      losses.orphans(nowMs);
      absence.tick(nowMs);
      dispatch.soon();
      modelRecords.update();
      controls.again();
      if (announcer.tick(nowMs)) visibility.sample(nowMs);
    },
    announceRelease: () => {
      announcer.now({ pool, ...record, state: "released", models: roster.models });
    },
    close: () => {
      phase = "closed";
      quietTimer?.[Symbol.dispose]();
      listening[Symbol.dispose]();
      subscriptions.close();
      visibility.close();
      backlog.stop();
      batches.clear();
      credits.clear();
    },
  };
}
