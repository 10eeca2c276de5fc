import { expect, test } from "vitest";
import { contextOf } from "#agent/fakes-for-tests.ts";
import type { ConversationNotice } from "#domain/handoff.ts";
import { sentence } from "#language/sentences.ts";
import { tellNotices } from "./tell-notices.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const back = (changes: object = {}): ConversationNotice => ({
  notice: "back",
  way: "resumed",
  tells: true,
  unanswered: [],
  ...changes,
});
const { contact } = contextOf();

test("a person is told once, in their language, that the bot is back", () => {
  const notices = [back(), back({ way: "timeout" })];
  const context = contextOf({ notices, language: "pt-BR" });

  expect(tellNotices(context, NOW)).toEqual([sentence("back", "pt")]);
});

test.each([
  [
    "who has opted out",
    contextOf({ notices: [back()], contact: { ...contact, isOptedOut: true } }),
  ],
  [
    "whose last message is a day old",
    contextOf({ notices: [back()], newestMessageAt: "2025-12-31T12:00:00Z" }),
  ],
  ["who is with a colleague again", contextOf({ notices: [back()], isPaused: true })],
  ["who knows of no pause", contextOf({ notices: [back({ tells: false })] })],
])("a person %s is not told", (_who, context) => {
  expect(tellNotices(context, NOW)).toEqual([]);
});

test("a person is told of a handover as long as it lasts", () => {
  const notices = [{ notice: "handed over" } as const];
  expect(tellNotices(contextOf({ notices, isPaused: true }), NOW)).toHaveLength(1);
  expect(tellNotices(contextOf({ notices }), NOW)).toEqual([]);
});
