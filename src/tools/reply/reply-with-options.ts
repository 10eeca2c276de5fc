import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { ReplyAddition } from "#domain/reply-addition.ts";
import { fitOptions, type FittedOptions } from "#providers/whatsapp/fit-options.ts";

/** More are no choice on a phone any more, and no model means them. */
const OPTIONS_MAX = 50;

const Input = z.object({
  options: z
    .array(
      z.object({
        title: z.string().describe("What the customer taps, up to 20 characters."),
        description: z
          .string()
          .optional()
          .describe("More about it, up to 72 characters, if needed."),
      }),
    )
    .min(1)
    .max(OPTIONS_MAX),
  list_button: z
    .string()
    .optional()
    .describe("For more than 3 options: what stands on the button that opens the list."),
});

/** Lets the model offer options to tap: buttons or a list, as WhatsApp has room for. */
export const replyWithOptions: AgentTool = {
  description:
    "Shows options to tap below your reply: up to 3 short ones as buttons, up to 10 as a list. Use it when you ask the customer to choose or confirm. Write your reply's text, with the question, in the same answer; do not repeat the options in it. All in the customer's language. A reply has options, a link button or a location request: the last call counts.",
  inputSchema: Input,
  addsToReply: true,
  execute: async (input): Promise<ReplyAddition> => {
    const { options, list_button: listButton = "" } = Input.parse(input);
    const fitted = fitOptions(options, listButton);
    if (fitted === null) throw new AppError("INPUT_INVALID", "No option has a title.");
    return { note: describe(fitted), attachment: null, ...fitted };
  },
};

function describe({ shape, inWords }: FittedOptions): string {
  const place = shape.type === "buttons" ? "as buttons" : "in a list";
  const note = `These options go with your reply, ${place}. Nothing is sent before your reply.`;
  if (inWords.length === 0) return note;
  return `${note} The list holds the first 10 only: name all options in your text.`;
}
