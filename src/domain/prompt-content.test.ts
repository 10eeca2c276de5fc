import { expect, test } from "vitest";
import { findPromptFaults, PromptContent } from "./prompt-content.ts";

const faultsOf = (content: Partial<PromptContent>) =>
  findPromptFaults(PromptContent.parse(content));

test("a system prompt alone is a whole version, with the scope of a business", () => {
  const content = PromptContent.parse({ systemPrompt: "You sell pizza." });
  expect(content.topicScope).toBe("business");
  expect(findPromptFaults(content)).toEqual([]);
});

test.each([
  ["{{busines.name}}", "{{business.name}}"],
  ["{{ Business.Name }}", "{{business.name}}"],
  ["{{opening_hours}}", "{{business.opening_hours}}"],
  ["{{contact.nmae}}", "{{contact.name}}"],
  ["{{contact.attribute.plan}}", "{{contact.attributes.plan}}"],
  ["{{to_day}}", "{{today}}"],
  ["{{constructor}}", "{{"],
  ["{{}}", "{{"],
])("%s is refused, and %s suggested", (typed, suggested) => {
  expect(faultsOf({ systemPrompt: `Say ${typed}.` })).toEqual([
    expect.stringMatching(new RegExp(`^There is no variable .*Did you mean ${escape(suggested)}`)),
  ]);
});

const escape = (text: string): string => text.replaceAll(/[{}.]/g, String.raw`\$&`);

test("a variable that is not closed is refused", () => {
  expect(faultsOf({ systemPrompt: "Hello {{contact.name" })).toEqual([
    expect.stringContaining("must end with }}"),
  ]);
});

test("sentences that go out as they are hold nothing of a conversation", () => {
  expect(faultsOf({ refusalSentence: "I can help with {{business.name}} only." })).toEqual([]);
  expect(faultsOf({ fallbackSentence: "Sorry, {{contact.name}}." })).toEqual([
    expect.stringContaining("fallbackSentence"),
  ]);
});

test("languages and time zones that do not exist are refused by name", () => {
  expect(faultsOf({ languages: ["en", "pt-BR", "ar"], timeZone: "America/Sao_Paulo" })).toEqual([]);
  expect(faultsOf({ languages: ["english"] })).toEqual([expect.stringContaining("english")]);
  expect(faultsOf({ languages: ["no language"] })).toHaveLength(1);
  expect(faultsOf({ timeZone: "Lisbon" })).toEqual([expect.stringContaining("Europe/Lisbon")]);
});

test("opening hours need a time zone", () => {
  expect(faultsOf({ openingHours: { week: {}, exceptions: [] } })).toHaveLength(1);
});
