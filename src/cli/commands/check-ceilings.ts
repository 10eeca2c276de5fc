import type { ChatbotRow } from "#store/chatbots.ts";
import { isPriceKnown } from "#usage/cost-of-calls.ts";
import { costOfEmbedding, costOfReranking } from "#usage/cost-of-search.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Why the spending ceilings of a chatbot cannot hold, a sentence each; empty: they do, or there is none. */
export function findCeilingLeaks(chatbot: ChatbotRow): readonly string[] {
  const { turnSpendCeilingUsd, monthlySpendCeilingUsd } = chatbot;
  if (turnSpendCeilingUsd === null && monthlySpendCeilingUsd === null) return [];
  const { model, fallbackModel, embeddingModel, rerankingModel } = chatbot;
  const unknown = [model, fallbackModel].filter((name) => name !== null && !isPriceKnown(name));
  if (monthlySpendCeilingUsd !== null) {
    if (embeddingModel !== null && costOfEmbedding(embeddingModel, 1) === null)
      unknown.push(embeddingModel);
    if (rerankingModel !== null && costOfReranking(rerankingModel) === null)
      unknown.push(rerankingModel);
  }
  return unknown.map(
    (name) =>
      `The price of ${name} is not known, so the spending ceiling cannot hold for it: what it costs is not counted.`,
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
