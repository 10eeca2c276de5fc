import { z } from "zod";
import { HANDOFF_REASONS, type Handoff } from "#domain/handoff.ts";
import type { AgentTool } from "./agent-tool.ts";

/** The name that the model sees. */
export const HAND_OVER_TO_HUMAN = "hand_over_to_human";

const SUMMARY_LENGTH_MAX = 1_000;

const Input = z.object({
  reason: z
    .enum(HANDOFF_REASONS)
    .describe(
      "asked: the customer wants a person. not helped: the customer says that your answers do not help. cannot help: it takes a person to do or decide it. complaint: the customer is upset or complains.",
    ),
  summary: z
    .string()
    .max(SUMMARY_LENGTH_MAX)
    .describe(
      "For the colleague, who has not read the conversation: what the customer wants, what was said and tried so far, what is open. Two to four sentences, in the customer's language.",
    ),
});

/** What the tool returns: the handoff itself, to be carried out when the turn ends. */
export const HandedOver = z.object({ handoff: Input });

const DESCRIPTION =
  "Hands the conversation over to a person of the business, who answers in this chat from then on; you stay silent. Use it when the customer asks for a person, complains or is upset, needs something that you cannot do, or says again that your answers do not help. The customer is told in a sentence of its own, so do not announce it.";

/**
 * The built-in tool that hands a conversation over. It changes nothing itself: what it returns is
 * carried out together with the end of the turn, after the sentence that tells the customer.
 */
export const handOverToHuman: AgentTool = {
  description: DESCRIPTION,
  inputSchema: Input,
  endsRun: true,
  execute: (input) => {
    const handoff: Handoff = Input.parse(input);
    return Promise.resolve({ handoff });
  },
};
