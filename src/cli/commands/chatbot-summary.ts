import type { ChatbotRow } from "#store/chatbots.ts";
import type { Row } from "./command.ts";

/** A chatbot as lists and results show it: without its long texts. */
export function chatbotSummary(chatbot: ChatbotRow): Row {
  const { systemPrompt: _prompt, failureMessage: _message, ...summary } = chatbot;
  return summary;
}
