import { type OutboundContent, WHATSAPP_LIMITS } from "#domain/outbound.ts";

/**
 * A message that WhatsApp refused for what it offers, as a text: its words, and what it offered as
 * lines, as many as fit. Null when it has no words.
 */
export function sayInWords(content: OutboundContent): string | null {
  switch (content.type) {
    case "text":
    case "location-request":
      return content.body;
    case "buttons":
      return withLines(
        content.body,
        content.buttons.map(({ title }) => `- ${title}`),
      );
    case "list":
      return withLines(
        content.body,
        content.rows.map(({ title, description }) =>
          description === null ? `- ${title}` : `- ${title}: ${description}`,
        ),
      );
    case "link":
      return withLines(content.body, [`${content.label}: ${content.url}`]);
    case "image":
    case "document":
      return content.caption;
    case "template":
      return null;
  }
}

function withLines(body: string, lines: readonly string[]): string {
  let text = `${body}\n`;
  for (const line of lines)
    if (text.length + line.length < WHATSAPP_LIMITS.textBody) text += `\n${line}`;
  return text.trim();
}
