import { NO_TRANSCRIPTION } from "#providers/transcription/transcription-name.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { isPriceKnown } from "#usage/cost-of-calls.ts";
import { costOfEmbedding, costOfReranking } from "#usage/cost-of-search.ts";
import { costOfTranscription } from "#usage/cost-of-transcription.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Why the spending ceilings of a chatbot cannot hold, a sentence each; empty: they do, or there is none. */
export function findCeilingLeaks(chatbot: ChatbotRow): readonly string[] {
  const { turnSpendCeilingUsd, monthlySpendCeilingUsd } = chatbot;
  if (turnSpendCeilingUsd === null && monthlySpendCeilingUsd === null) return [];
  const unknown = [
    ...listUnpricedModels(chatbot),
    ...(monthlySpendCeilingUsd === null ? [] : listUnpricedHelpers(chatbot)),
  ];
  return unknown.map(
    (name) =>
      `The price of ${name} is not known, so the spending ceiling cannot hold for it: what it costs is not counted.`,
  );
}

function listUnpricedModels({ model, fallbackModel }: ChatbotRow): readonly string[] {
  return [model, fallbackModel].flatMap((name) =>
    name === null || isPriceKnown(name) ? [] : [name],
  );
}

/** Models besides those that answer: they count for a month, not for a turn. */
function listUnpricedHelpers(chatbot: ChatbotRow): readonly string[] {
  const { embeddingModel, rerankingModel, transcriptionModel } = chatbot;
  const isHeard = transcriptionModel !== NO_TRANSCRIPTION;
  const priced = [
    { name: embeddingModel, costOf: (name: string) => costOfEmbedding(name, 1) },
    { name: rerankingModel, costOf: costOfReranking },
    {
      name: isHeard ? transcriptionModel : null,
      costOf: (name: string) => costOfTranscription(name, 1),
    },
  ];
  return priced.flatMap(({ name, costOf }) =>
    name === null || costOf(name) !== null ? [] : [name],
  );
}

/** Judges the spending ceilings of all chatbots. */
export function* checkCeilings(chatbots: readonly ChatbotRow[]): Generator<Finding> {
  const limited = chatbots.filter(
    (chatbot) => chatbot.turnSpendCeilingUsd !== null || chatbot.monthlySpendCeilingUsd !== null,
  );
  const findings = limited.flatMap((chatbot) => [
    ...findCeilingLeaks(chatbot).map((leak) => warning(`ceiling of ${chatbot.name}`, leak)),
    ...findUsedUp(chatbot),
  ]);
  if (limited.length > 0 && findings.length === 0)
    yield ok(
      "spending ceilings",
      `${limited.length} chatbot(s) have one, and none has reached it.`,
    );
  yield* findings;
}

function findUsedUp({ name, spentUsd, monthlySpendCeilingUsd }: ChatbotRow): readonly Finding[] {
  return monthlySpendCeilingUsd === null || spentUsd < monthlySpendCeilingUsd
    ? []
    : [
        warning(
          `ceiling of ${name}`,
          `It has spent its ${monthlySpendCeilingUsd} US dollars and answers with its fallback sentence. Raise it with ./parley chatbot update, or wait for the next billing period.`,
        ),
      ];
}
