import { expect, test } from "vitest";
import { TurnId } from "#domain/ids.ts";
import type { Turn } from "#domain/turn.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { createTurnSession } from "./turn-session.ts";

const turn: Turn = {
  key: "conversation:1",
  organizationId: null,
  handler: "conversation",
  fence: 1,
  attempt: 1,
  turnId: TurnId.parse("0190d5e0-0000-7000-8000-000000000001"),
  queuedMs: 0,
  messages: [],
  steps: {},
};

function createSession(
  options: { steps?: Turn["steps"]; isOwned?: boolean; isAlive?: boolean } = {},
) {
  const stored: Readonly<Record<string, JsonValue>>[] = [];
  const abort = new AbortController();
  const session = createTurnSession(
    {
      owner: { key: turn.key, fence: turn.fence, worker: "me" },
      signal: abort.signal,
      storeSteps: async (steps) => {
        stored.push(steps);
        return options.isOwned ?? true;
      },
      later: (work) => setImmediate(work),
      isAlive: () => options.isAlive ?? true,
    },
    { ...turn, steps: options.steps ?? {} },
  );
  return { session, stored, abort };
}

/** What comes `later` has come. */
const aMomentLater = () => new Promise((resolve) => setImmediate(resolve));

test("a finished step of an earlier attempt is not run again", async () => {
  const { session } = createSession({ steps: { "model-0": "known" } });

  const result = await session.checkpoint("model-0", () => expect.fail("ran again"));

  expect(result).toBe("known");
});

test("a step is stored before the next one begins", async () => {
  const { session, stored } = createSession();
  await session.checkpoint("one", async () => 1);

  await session.checkpoint("two", async () => {
    expect(stored).toEqual([{ one: 1 }]);
    return 2;
  });
});

test("a step is stored a moment later, even when nothing follows", async () => {
  const { session, stored } = createSession();
  await session.checkpoint("one", async () => 1);
  await aMomentLater();

  expect(stored).toEqual([{ one: 1 }]);
});

test("a write that follows at once takes the last step along, which is then not stored twice", async () => {
  const { session, stored } = createSession();
  await session.checkpoint("one", async () => 1);
  const taken = await session.takeStagedSteps();
  await aMomentLater();

  expect(taken).toEqual({ one: 1 });
  expect(stored).toEqual([]);
});

test("when the turn was lost, the next step does not begin and nothing is taken along", async () => {
  const { session } = createSession({ isOwned: false });
  await session.checkpoint("one", async () => 1);
  await aMomentLater();

  await expect(session.checkpoint("two", () => expect.fail("began"))).rejects.toMatchObject({
    code: "TURN_OWNERSHIP_LOST",
  });
  await expect(session.takeStagedSteps()).rejects.toMatchObject({ code: "TURN_OWNERSHIP_LOST" });
});

test("a worker whose last heartbeat is old does not act outside", () => {
  const { session } = createSession({ isAlive: false });

  expect(session.assertOwned).toThrow("taken this turn over");
});

test("after an abort no step begins", async () => {
  const { session, abort } = createSession();
  abort.abort(new Error("stopping"));

  await expect(session.checkpoint("one", () => expect.fail("began"))).rejects.toThrow("stopping");
  expect(session.assertOwned).toThrow("stopping");
});
