import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { ReplyAddition } from "#domain/reply-addition.ts";
import { fitLink } from "#providers/whatsapp/fit-link.ts";

const Input = z.object({
  label: z.string().describe("What stands on the button, up to 20 characters."),
  url: z.string().describe("The page's full address. Only one that you were given; never a guess."),
});

/** Lets the model put a button below its reply that opens a web page. */
export const sendLink: AgentTool = {
  description:
    "Puts a button below your reply that opens a web page, such as a shop, a form or a map. Write your reply's text in the same answer. The last call of those that add something to tap counts.",
  inputSchema: Input,
  addsToReply: true,
  execute: async (input): Promise<ReplyAddition> => {
    const { label, url } = Input.parse(input);
    const shape = fitLink(label, url);
    if (shape === null)
      throw new AppError("INPUT_INVALID", "The address is no full http or https address.");
    const note = "This button goes with your reply. Nothing is sent before your reply.";
    return { note, shape, attachment: null, inWords: [] };
  },
};
