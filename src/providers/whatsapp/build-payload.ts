import type { OutboundContent } from "#domain/outbound.ts";

/** The part of a message to the Graph API that depends on its kind: `type` and the object it names. */
type Payload = Readonly<Record<string, unknown>> & { readonly type: string };

/** The content as the Graph API wants it. Meta checks the lengths, so the content must keep them. */
export function buildPayload(content: OutboundContent): Payload {
  switch (content.type) {
    case "text":
      return { type: "text", text: { body: content.body } };
    case "buttons":
    case "list":
    case "link":
    case "location-request":
      return { type: "interactive", interactive: buildInteractive(content) };
    case "image":
      return { type: "image", image: { ...content.media, ...captionOf(content) } };
    case "document":
      return {
        type: "document",
        document: { ...content.media, filename: content.filename, ...captionOf(content) },
      };
    case "template":
      return { type: "template", template: buildTemplate(content) };
  }
}

type Interactive = Extract<
  OutboundContent,
  { type: "buttons" | "list" | "link" | "location-request" }
>;

function buildInteractive(content: Interactive): unknown {
  const body = { text: content.body };
  switch (content.type) {
    case "buttons": {
      const buttons = content.buttons.map(({ id, title }) => ({
        type: "reply",
        reply: { id, title },
      }));
      return { type: "button", body, action: { buttons } };
    }
    case "list": {
      const rows = content.rows.map(({ id, title, description }) => ({
        id,
        title,
        ...(description === null ? {} : { description }),
      }));
      return { type: "list", body, action: { button: content.button, sections: [{ rows }] } };
    }
    case "link": {
      const parameters = { display_text: content.label, url: content.url };
      return { type: "cta_url", body, action: { name: "cta_url", parameters } };
    }
    case "location-request":
      return { type: "location_request_message", body, action: { name: "send_location" } };
  }
}

function captionOf({ caption }: { readonly caption: string | null }): { caption?: string } {
  return caption === null ? {} : { caption };
}

function buildTemplate(content: Extract<OutboundContent, { type: "template" }>): unknown {
  const parameters = content.parameters.map((text) => ({ type: "text", text }));
  return {
    name: content.name,
    language: { code: content.language },
    ...(parameters.length === 0 ? {} : { components: [{ type: "body", parameters }] }),
  };
}
