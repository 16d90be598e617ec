import { describe, expect, test } from "vitest";
import { createQuotaScene, type QuotaScene, type Site } from "../testing/quota-scene.ts";
import { setTenant } from "../testing/set-tenant.ts";

const costMs = 20;
/** Of a daily budget of 10 s; each dispatcher keeps a quarter of it leased at most. */
const pieceMs = 500;
const chunkMs = pieceMs / 4;
/** The test clock begins with a day. */
const dayMs = 86_400_000;

async function createBudgetedScene(): Promise<QuotaScene> {
  const scene = await createQuotaScene(costMs);
  await setTenant(scene.cluster, "acme", { dailyBudgetSeconds: 10 });
  return scene;
}

/** Spends at these sites in turn, until a second brings nothing more or so much was spent by all of them. */
async function spendAt({ cluster }: QuotaScene, sites: readonly Site[], mostMs = Infinity): Promise<void> {
  const spentMs = (): number => sites.reduce((sum, site) => sum + site.spentMs, 0);
  for (let idleCount = 0; idleCount < 20 && spentMs() < mostMs;) {
    const before = spentMs();
    for (const site of sites) await site.spend(3);
    await cluster.clock.advance(50);
    idleCount = spentMs() === before ? idleCount + 1 : 0;
  }
}

describe("a daily budget", () => {
  test("is one for both pools, and refuses until the day ends", async () => {
    await using scene = await createBudgetedScene();
    const { cluster, home, other } = scene;
    await spendAt(scene, [home, other]);
    const spentMs = home.spentMs + other.spentMs;
    expect(spentMs).toBeGreaterThanOrEqual(10_000 - chunkMs - costMs);
    expect(spentMs).toBeLessThanOrEqual(10_000 + 2 * (chunkMs + costMs));
    for (const { caller } of [home, other]) {
      caller.send({ id: "late" });
      await cluster.clock.settle();
      const untilMidnightMs = dayMs - (cluster.clock.nowMs() % dayMs);
      expect(caller.frames.at(-1)).toMatchObject({
        id: "late",
        code: "resourceExhausted",
        message: expect.stringMatching(/"acme" would spend 10\.\d+ worker-seconds today .* at most 10 /),
        details: { limit: "dailyBudgetSeconds", value: 10, actual: expect.any(Number) },
      });
      expect(caller.frames.at(-1)?.retryAfterMs).toBeGreaterThan(untilMidnightMs - 1000);
      expect(caller.frames.at(-1)?.retryAfterMs).toBeLessThanOrEqual(untilMidnightMs);
    }
  });

  test.each(["home", "other"] as const)("stays spent however often its tenant pauses (%s)", async (name) => {
    await using scene = await createBudgetedScene();
    const { cluster, home, other } = scene;
    await spendAt(scene, [home, other]);
    for (let pauseCount = 0; pauseCount < 10; pauseCount++) {
      await cluster.clock.advance(20_000);
      await scene[name].spend(30);
    }
    // Half a piece is on credit, once, where the home had something left when it forgot the account.
    expect(home.spentMs + other.spentMs).toBeLessThanOrEqual(10_000 + pieceMs / 2 + 2 * (chunkMs + costMs));
  });

  test("goes on at once where it is raised", async () => {
    await using scene = await createBudgetedScene();
    await spendAt(scene, [scene.other]);
    await setTenant(scene.cluster, "acme", { dailyBudgetSeconds: 20 });
    await spendAt(scene, [scene.other]);
    expect(scene.other.spentMs).toBeGreaterThanOrEqual(20_000 - 2 * chunkMs - costMs);
  });

  test("is kept where the home dies: nothing is spent twice, and little is lost", async () => {
    await using scene = await createBudgetedScene();
    const { cluster, home, other } = scene;
    await spendAt(scene, [home, other], 5000);
    await home.owner.kill();
    await cluster.clock.advance(5000);
    await spendAt(scene, [other]);
    const spentMs = home.spentMs + other.spentMs;
    expect(spentMs).toBeLessThanOrEqual(10_000 + 2 * (chunkMs + costMs));
    // The reserve of the home, and what both had leased.
    expect(spentMs).toBeGreaterThanOrEqual(10_000 - 2 * pieceMs - 2 * 1.5 * chunkMs);
  });

  test("is given back to the last millisecond by dispatchers that drain", async () => {
    const scene = await createBudgetedScene();
    await using _stopped = scene;
    const { home, other } = scene;
    await spendAt(scene, [home, other], 3000);
    await other.owner.stop();
    await home.owner.stop();
    const record = await scene.budget();
    expect(record?.day).toBe("2026-01-01");
    expect(record?.daySpentMs).toBeCloseTo(home.spentMs + other.spentMs, 3);
    expect(record?.monthSpentMs).toBeCloseTo(home.spentMs + other.spentMs, 3);
  });

  test("is used up as far as it was written while JetStream is away, and then nobody can tell", async () => {
    await using scene = await createBudgetedScene();
    const { cluster, home, other } = scene;
    await spendAt(scene, [home, other], 2000);
    const beforeMs = home.spentMs + other.spentMs;
    cluster.nats.setJetStreamAvailable(false);
    await spendAt(scene, [home, other]);
    const awayMs = home.spentMs + other.spentMs - beforeMs;
    expect(awayMs).toBeLessThanOrEqual(2 * pieceMs + 2 * (1.5 * chunkMs + costMs));
    expect(home.caller.frames.at(-1)).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining('what tenant "acme" has left'),
      retryAfterMs: 1000,
    });
    expect(other.caller.frames.at(-1)).toMatchObject({ code: "unavailable", retryAfterMs: 1000 });
    expect(home.owner.events.count("budgetFailed")).toBe(1);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(3000);
    await spendAt(scene, [home, other]);
    const spentMs = home.spentMs + other.spentMs;
    expect(spentMs).toBeGreaterThanOrEqual(10_000 - 2 * chunkMs - costMs);
    expect(spentMs).toBeLessThanOrEqual(10_000 + 2 * (chunkMs + costMs));
  });

  test("lets in no more than is on credit where it cannot be read at all", async () => {
    await using scene = await createQuotaScene(costMs);
    const { cluster, home, other } = scene;
    await setTenant(cluster, "acme", { dailyBudgetSeconds: 10 });
    cluster.nats.setJetStreamAvailable(false);
    await spendAt(scene, [home, other]);
    await cluster.clock.advance(30_000);
    await spendAt(scene, [home, other]);
    expect(home.spentMs + other.spentMs).toBeLessThanOrEqual(pieceMs / 2 + 2 * (chunkMs + costMs));
  });

  test("cannot be told where its record is not one, until that is put right", async () => {
    await using scene = await createBudgetedScene();
    const { cluster, home } = scene;
    const bucket = await cluster.nats.connect().keyValue("sluice_budgets");
    await bucket.put("acme", new TextEncoder().encode('{"day":"today"}'));
    await spendAt(scene, [home]);
    expect(home.spentMs).toBeLessThanOrEqual(pieceMs / 2 + costMs);
    expect(home.caller.frames.at(-1)).toMatchObject({ code: "unavailable" });
    expect(home.owner.events.all).toContainEqual(
      expect.objectContaining({ type: "budgetFailed", of: "tenant", name: "acme" }),
    );
    await bucket.delete("acme");
    await cluster.clock.advance(1000);
    expect(await home.spend(1)).toBe(1);
  });

  test("begins anew when its key is removed and nothing was sent for ten seconds", async () => {
    await using scene = await createBudgetedScene();
    const { cluster, home } = scene;
    await spendAt(scene, [home]);
    const spentMs = home.spentMs;
    const bucket = await cluster.nats.connect().keyValue("sluice_budgets");
    await bucket.delete("acme");
    await cluster.clock.advance(11_000);
    await spendAt(scene, [home], spentMs + 5000);
    expect(home.spentMs).toBeGreaterThanOrEqual(spentMs + 5000);
  });

  test("is charged what was spent where the home leaves, and at once whoever had leased of it", async () => {
    await using scene = await createBudgetedScene();
    const { home, other } = scene;
    await spendAt(scene, [home, other], 2000);
    await home.owner.stop();
    await other.owner.stop();
    const spentMs = home.spentMs + other.spentMs;
    expect((await scene.budget())?.daySpentMs).toBeCloseTo(spentMs, 6);
  });
  test("is charged what was spent where all leave at the same moment", async () => {
    await using scene = await createBudgetedScene();
    const { home, other } = scene;
    await spendAt(scene, [home, other], 2000);
    await Promise.all([home.owner.stop(), other.owner.stop()]);
    const spentMs = home.spentMs + other.spentMs;
    expect((await scene.budget())?.daySpentMs).toBeCloseTo(spentMs, 6);
  });
});
