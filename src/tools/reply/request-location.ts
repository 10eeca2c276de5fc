import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import type { ReplyAddition } from "#domain/reply-addition.ts";

/** Lets the model put a button below its reply with which the customer sends where they are. */
export const requestLocation: AgentTool = {
  description:
    "Puts a button below your reply with which the customer sends their location. Use it when you need to know where they are, and say why in your reply's text, in the same answer.",
  inputSchema: z.object({}),
  addsToReply: true,
  execute: async (): Promise<ReplyAddition> => ({
    note: "The button goes with your reply. Nothing is sent before your reply.",
    shape: { type: "location-request" },
    attachment: null,
    inWords: [],
  }),
};
