import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { parseOpeningHours } from "#domain/opening-hours.ts";
import { PromptChanges, PromptContent } from "#domain/prompt-content.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { publishPrompt, savePromptDraft } from "#store/prompt-versions.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { refusePromptFaults } from "./check-prompt.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion, promptReference } from "./find-prompt-version.ts";

const text = (description: string) =>
  z.string().optional().meta({ placeholder: "text" }).describe(description);
/** Long texts: they also come from a file (`--system-prompt-file`) or from standard input (`-`). */
const longText = (description: string) =>
  z.string().optional().meta({ placeholder: "text", secret: true }).describe(description);

const Input = z.strictObject({
  chatbot: chatbotOption,
  systemPrompt: longText("Who the chatbot is and what it does; may hold {{variables}}."),
  businessName: text("Name of the business."),
  tone: text("How it speaks: warm, formal, no emoji, …"),
  languages: text(
    "The languages it may answer in, the first one for all others: pt-BR,en; any: all.",
  ),
  topicScope: z
    .enum(["business", "any"])
    .optional()
    .describe("business: what does not concern the business is declined."),
  topics: text("What belongs to the business, or does not, although one might not think so."),
  refusalSentence: text("How it declines."),
  fallbackSentence: text("What it says when it has no answer."),
  timeZone: text("Time zone of the business: Europe/Lisbon; none: it is told no time."),
  openingHours: text('"mon-fri 09:00-18:00; sat 10:00-14:00; 2026-12-25 closed"; none: not known.'),
  content: longText("Any of these as one JSON object, as ./parley prompt show --json has them."),
  from: promptReference
    .optional()
    .describe("Begin from this version; otherwise from the draft, or the published one."),
  note: z.string().max(500).default("").describe("What changed, for the list of versions."),
  publish: z.boolean().default(false).describe("Publish it at once."),
});
type Input = z.infer<typeof Input>;

/** `prompt edit`. */
export const promptEdit = defineCommand({
  name: "prompt edit",
  summary: "Change the draft of a chatbot's instructions; customers notice nothing yet.",
  details:
    "What is not given stays. There is one draft at a time: without one, it begins as a copy of the published version. A variable that does not exist is refused, and the nearest one suggested.",
  examples: [
    "./parley prompt edit --chatbot Support --system-prompt-file prompt.txt",
    './parley prompt edit --chatbot Support --business-name "Roma Ltd" --time-zone Europe/Rome --opening-hours "mon-fri 09:00-18:00; sat 10:00-14:00"',
    './parley prompt edit --chatbot Support --content - --note "Christmas hours" --publish',
  ],
  input: Input,
  view: { kind: "record" },
  async *run(deps, input, notice) {
    const chatbot = await getChatbot(deps, input.chatbot);
    const { id: chatbotId, organizationId } = chatbot;
    const versions = await loadPromptVersions(deps, chatbot);
    const draft = versions.find(({ status }) => status === "draft");
    const base = pickPromptVersion(
      versions,
      input.from ?? (draft === undefined ? "published" : "draft"),
    );
    const changes = readChanges(input);
    const content = PromptContent.parse({ ...base.content, ...changes });
    refusePromptFaults(content);
    if (content.topicScope === "any" && base.content.topicScope !== "any")
      notice(
        "Meta's terms (January 2026) allow assistants of a business on WhatsApp, not general ones.",
      );
    const fields = Object.keys(changes);
    const number = await asTenant(deps.database.db, organizationId, async (tenant) => {
      const saved = { chatbotId, content, author: "operator", note: input.note };
      const made = await savePromptDraft(tenant, organizationId, saved);
      if (input.publish) await publishPrompt(tenant, chatbotId, made);
      await insertOperatorAudit(tenant, organizationId, {
        action: input.publish ? "prompt.published" : "prompt.drafted",
        targetType: "chatbot",
        targetId: chatbotId,
        changes: { number: made, from: base.number, fields },
      });
      return made;
    });
    yield { number, status: input.publish ? "published" : "draft", from: base.number, fields };
  },
});

/** What was typed, over what the JSON object says. */
function readChanges(input: Input): PromptChanges {
  const { chatbot: _chatbot, from, note: _note, publish: _publish, content, ...typed } = input;
  const { languages, timeZone, openingHours, ...plain } = typed;
  const parsed = PromptChanges.safeParse({
    ...(content === undefined ? {} : readJson(content)),
    ...withoutUndefined({
      ...plain,
      languages: languages === undefined ? undefined : readLanguages(languages),
      timeZone: timeZone === "none" ? null : timeZone,
      openingHours: openingHours === undefined ? undefined : readHours(openingHours),
    }),
  });
  if (!parsed.success)
    throw new AppError(
      "INPUT_INVALID",
      parsed.error.issues
        .map(({ path, message }) => `${path.join(".") || "content"}: ${message}.`)
        .join(" "),
    );
  const changes = parsed.data;
  if (Object.keys(changes).length === 0 && from === undefined)
    throw new AppError("INPUT_INVALID", "There is nothing to change: give at least one option.");
  return changes;
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function readLanguages(typed: string): readonly string[] {
  const tags = typed.split(/[\s,]+/).filter(Boolean);
  return tags.join() === "any" ? [] : tags;
}

function readHours(typed: string) {
  if (typed === "none") return null;
  const hours = parseOpeningHours(typed);
  if ("fault" in hours) throw new AppError("INPUT_INVALID", hours.fault);
  return hours;
}

function readJson(typed: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(typed));
  } catch (cause) {
    throw new AppError("INPUT_INVALID", "--content: is no JSON object.", { cause });
  }
}
