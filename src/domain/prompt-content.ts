import { z } from "zod";
import { OpeningHours } from "./opening-hours.ts";
import { kindOfVariable, listVariables, nearestVariable } from "./prompt-variables.ts";

const FIELDS = {
  /** Who the chatbot is and what it does; may hold variables. */
  systemPrompt: z.string().max(50_000),
  /** Empty: the chatbot's name. */
  businessName: z.string().max(200),
  /** How it speaks: “warm, informal, no emoji”. */
  tone: z.string().max(1_000),
  /** The languages that it may answer in (BCP 47), the first one for all others; empty: any. */
  languages: z.array(z.string()).max(40),
  /** `business`: it declines what does not concern the business. */
  topicScope: z.enum(["business", "any"]),
  /** What belongs to the business although one might not think so, or what does not. */
  topics: z.string().max(4_000),
  /** How it declines; empty: in its own words. */
  refusalSentence: z.string().max(1_000),
  /** What it says when it has no answer; empty: in its own words. */
  fallbackSentence: z.string().max(1_000),
  /** Of the business, such as `America/Sao_Paulo`; null: it is told no time. */
  timeZone: z.string().nullable(),
  openingHours: OpeningHours.nullable(),
};

/** What a draft is made from: any of the fields, and no others. */
export const PromptChanges = z.strictObject(FIELDS).partial();
/** Some of the fields. */
export type PromptChanges = z.infer<typeof PromptChanges>;

/**
 * What a chatbot is told, in one version of its instructions. What is missing has its default, so that
 * a version may be as short as a system prompt.
 */
export const PromptContent = z.object({
  systemPrompt: FIELDS.systemPrompt.default(""),
  businessName: FIELDS.businessName.default(""),
  tone: FIELDS.tone.default(""),
  languages: FIELDS.languages.default([]),
  topicScope: FIELDS.topicScope.default("business"),
  topics: FIELDS.topics.default(""),
  refusalSentence: FIELDS.refusalSentence.default(""),
  fallbackSentence: FIELDS.fallbackSentence.default(""),
  timeZone: FIELDS.timeZone.default(null),
  openingHours: FIELDS.openingHours.default(null),
});
/** One version. */
export type PromptContent = z.infer<typeof PromptContent>;

/** A version as it goes into effect. */
export const PublishedPrompt = z.object({ version: z.number(), content: PromptContent });
/** The instructions that a turn follows. */
export type PublishedPrompt = z.infer<typeof PublishedPrompt>;

/** What stands against a version, each in a sentence for its author; empty: it may be published. */
export function findPromptFaults(content: PromptContent): readonly string[] {
  return [
    ...findVariableFaults(content),
    ...content.languages
      .filter((language) => !isLanguage(language))
      .map((language) => `“${language}” is no language such as en, pt-BR or ar.`),
    ...(content.timeZone === null || isTimeZone(content.timeZone)
      ? []
      : [`“${content.timeZone}” is no time zone such as Europe/Lisbon.`]),
    ...(content.openingHours !== null && content.timeZone === null
      ? ["Opening hours need the time zone of the business."]
      : []),
  ];
}

/** Sentences may go out as they are, so they hold nothing that is known only of a conversation. */
function findVariableFaults(content: PromptContent): readonly string[] {
  const { systemPrompt, tone, topics, refusalSentence, fallbackSentence } = content;
  const sentences = { tone, topics, refusalSentence, fallbackSentence };
  return [
    ...listVariables(systemPrompt).flatMap((name) =>
      kindOfVariable(name) === null ? [unknownVariable(name)] : [],
    ),
    ...Object.entries(sentences).flatMap(([field, text]) =>
      listVariables(text).flatMap((name) => {
        const kind = kindOfVariable(name);
        if (kind === null) return [unknownVariable(name)];
        return kind === "business"
          ? []
          : [`{{${name}}} can stand in systemPrompt only, not in ${field}.`];
      }),
    ),
    ...(Object.values({ systemPrompt, ...sentences }).some((text) =>
      /\{\{(?![^{}]*\}\})/.test(text),
    )
      ? ["A variable that begins with {{ must end with }}."]
      : []),
  ];
}

function unknownVariable(name: string): string {
  return `There is no variable {{${name.slice(0, 80)}}}. Did you mean {{${nearestVariable(name)}}}?`;
}

function isLanguage(tag: string): boolean {
  try {
    return (
      new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(tag) !== undefined
    );
  } catch {
    return false; // the sentence says which one
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // the sentence says which one
  }
}
