import type { AgentTool, AgentTools } from "#agent/agent-tool.ts";
import type { ReplyShapeName } from "#domain/reply-addition.ts";
import { replyWithOptions } from "./reply-with-options.ts";
import { requestLocation } from "./request-location.ts";
import { createSendFile, type PrepareFile } from "./send-file.ts";
import { sendLink } from "./send-link.ts";

/**
 * The built-in tools through which a model says what goes with its reply besides words. They send
 * nothing: the flow reads from their results what to send.
 */
export function createReplyTools(
  shapes: readonly ReplyShapeName[],
  prepareFile: PrepareFile,
): AgentTools {
  const tools: Readonly<Record<ReplyShapeName, readonly [name: string, tool: AgentTool]>> = {
    options: ["reply_with_options", replyWithOptions],
    link: ["send_link", sendLink],
    location: ["request_location", requestLocation],
    files: ["send_file", createSendFile(prepareFile)],
  };
  return Object.fromEntries(shapes.map((shape) => tools[shape]));
}
