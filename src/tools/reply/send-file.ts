import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import type { OutboundAttachment } from "#domain/outbound.ts";
import type { ReplyAddition } from "#domain/reply-addition.ts";

const Input = z.object({
  name: z.string().min(1).max(500).describe("The document's name, as the search gives it."),
});

/** Makes the document of this name ready to be sent. Throws `AppError` with words for the model. */
export type PrepareFile = (name: string, signal: AbortSignal) => Promise<OutboundAttachment>;

/** Lets the model send a document of the chatbot's knowledge as the file that it is. */
export function createSendFile(prepareFile: PrepareFile): AgentTool {
  return {
    description:
      "Sends a document of the business as a file with your reply: a menu, a price list, a form. Only when the customer asks for the document itself. Write your reply's text in the same answer.",
    inputSchema: Input,
    addsToReply: true,
    execute: async (input, signal): Promise<ReplyAddition> => ({
      note: "The file goes with your reply. Nothing is sent before your reply.",
      shape: null,
      attachment: await prepareFile(Input.parse(input).name, signal),
      inWords: [],
    }),
  };
}
