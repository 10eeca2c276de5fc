import { expect, test } from "vitest";
import type { ConversationState } from "#store/conversation-state.ts";
import { explainConversation } from "./explain-conversation.ts";

const limits = { outcomeWaitMs: 15_000, deadAfterMs: 6_000 };

type Mailbox = NonNullable<ConversationState["mailbox"]>;

const mailbox = (part: Partial<Mailbox> = {}): Mailbox => ({
  turnId: null,
  owner: null,
  attempt: 0,
  errorCode: null,
  waiting: 1,
  dueInMs: 1_000,
  oldestMessageMs: 200,
  lastStep: null,
  ...part,
});

const explain = (part: Partial<ConversationState> = {}): string =>
  explainConversation(
    {
      conversationId: "c",
      organizationId: "o",
      chatbot: { isActive: true, disabledReason: null },
      status: "bot",
      isPaused: false,
      pausedMs: null,
      pausedUntil: null,
      pausedReason: null,
      mailbox: null,
      unknownSend: null,
      ownerSilentMs: null,
      workers: 1,
      lastTurn: { id: "t", status: "done", errorCode: null },
      ...part,
    },
    limits,
  );

test("a failed attempt says when the next one is, which it is, and why", () => {
  expect(
    explain({ mailbox: mailbox({ attempt: 2, errorCode: "MODEL_RATE_LIMITED", dueInMs: 12_000 }) }),
  ).toBe(
    "Waits 12 s for its next attempt (attempt 3 of 4): the model provider asks us to slow down, or the account's quota is used up (MODEL_RATE_LIMITED).",
  );
  expect(
    explain({ mailbox: mailbox({ attempt: 1, errorCode: "DATABASE_UNAVAILABLE" }) }),
  ).toContain("(attempt 2 of 8): PostgreSQL does not answer");
});

test("an unknown outcome says when the message is sent again", () => {
  expect(
    explain({
      mailbox: mailbox({ attempt: 1, errorCode: "WHATSAPP_OUTCOME_UNKNOWN", dueInMs: 9_000 }),
      unknownSend: { ageMs: 6_000 },
    }),
  ).toBe("Waits for WhatsApp's status of a message whose outcome is unknown; sent again in 9 s.");
});

test("a running turn names its worker and how far it is", () => {
  const running = mailbox({
    owner: "w1",
    attempt: 1,
    oldestMessageMs: 3_000,
    lastStep: { name: "model-1", ageMs: 1_000 },
  });
  expect(explain({ mailbox: running, ownerSilentMs: 300 })).toBe(
    'A worker (w1) runs it; its oldest message came 3 s ago, and its step "model-1" was finished 1 s ago.',
  );
  expect(explain({ mailbox: running, ownerSilentMs: 30_000 })).toBe(
    "A worker (w1) has it but gives no sign of life for 30 s; another worker takes over.",
  );
});

test("work that nobody does is said to be so", () => {
  expect(explain({ mailbox: mailbox({ dueInMs: -40_000 }), workers: 0 })).toBe(
    "Due for 40 s, but no worker is running: start one with ./parley work.",
  );
  expect(explain({ mailbox: mailbox({ dueInMs: -500 }) })).toContain("the next free worker");
});

test("a burst is waited for", () => {
  expect(explain({ mailbox: mailbox({ dueInMs: 800 }) })).toBe(
    "Waits 0.8 s for further messages before it answers all of them.",
  );
});

test("a conversation at rest says why nothing happens", () => {
  expect(explain()).toBe("Idle: everything is answered.");
  expect(explain({ lastTurn: null })).toBe("Idle: there was nothing to answer yet.");
  expect(
    explain({
      isPaused: true,
      status: "human",
      pausedReason: "handoff",
      pausedUntil: "2026-11-25T14:00:00+00:00",
    }),
  ).toBe(
    "Paused: the bot has handed over, and no colleague has written yet; the bot comes back at 2026-11-25 14:00 UTC, or when somebody resumes it.",
  );
  expect(explain({ isPaused: true, status: "human" })).toContain("until somebody resumes it");
  expect(explain({ status: "merged" })).toContain("Merged");
  expect(explain({ chatbot: { isActive: false, disabledReason: "quota" } })).toContain(
    "monthly limit",
  );
  expect(explain({ chatbot: { isActive: false, disabledReason: "operator" } })).toContain(
    "switched off",
  );
  expect(
    explain({ lastTurn: { id: "t1", status: "failed", errorCode: "MODEL_KEY_INVALID" } }),
  ).toBe(
    "Its last turn failed: the model provider refuses the API key, or there is none (MODEL_KEY_INVALID); ./parley turns retry t1 tries again.",
  );
});
