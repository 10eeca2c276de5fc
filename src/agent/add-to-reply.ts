import type { AgentAnswer } from "#domain/conversation.ts";
import type { OutboundAttachment } from "#domain/outbound.ts";
import type { ReplyAddition } from "#domain/reply-addition.ts";

/** Files that one reply brings at most: each is a message that is billed. */
const ATTACHMENTS_MAX = 3;

/**
 * The reply with what tools have added to it, in the order in which the model called them. Of several
 * shapes the last one wins, since a message has room for one; a link that loses goes into the words, as
 * does what the winning shape has no room for, unless the words say it already.
 */
export function addToReply(
  written: string,
  additions: readonly ReplyAddition[],
): Pick<AgentAnswer, "text" | "shape" | "attachments"> {
  const text = withoutNotes(written);
  const winner = additions.findLast(({ shape }) => shape !== null);
  const lostLinks = additions.flatMap(({ shape }) =>
    shape?.type === "link" && shape.url !== urlOf(winner) ? [shape] : [],
  );
  const lines = [
    ...(winner?.inWords ?? []).map((words) => ({ line: `- ${words}`, said: words })),
    ...lostLinks.map(({ label, url }) => ({ line: `${label}: ${url}`, said: url })),
  ];
  const unsaid = lines.filter(({ said }) => !text.includes(said)).map(({ line }) => line);
  return {
    text: [text, [...new Set(unsaid)].join("\n")].filter((part) => part !== "").join("\n\n"),
    shape: winner?.shape ?? null,
    attachments: uniqueAttachments(additions).slice(0, ATTACHMENTS_MAX),
  };
}

/** Models repeat now and then how the prompt notes what they offered before; it is not for people. */
function withoutNotes(text: string): string {
  const kept = text.replaceAll(/^[ \t]*\[You offered [^\n]*\][ \t]*$/gmu, "").trim();
  return kept === "" ? text : kept;
}

function urlOf(addition: ReplyAddition | undefined): string | undefined {
  return addition?.shape?.type === "link" ? addition.shape.url : undefined;
}

function uniqueAttachments(additions: readonly ReplyAddition[]): readonly OutboundAttachment[] {
  const byContent = new Map(
    additions.flatMap(({ attachment }) =>
      attachment === null ? [] : [[JSON.stringify(attachment), attachment] as const],
    ),
  );
  return [...byContent.values()];
}
