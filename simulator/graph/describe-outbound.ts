import { z } from "zod";
import type { ChatContent } from "../chats.ts";
import type { MediaStore } from "../media-store.ts";
import type { OutboundMessage } from "./outbound-schema.ts";

/** How the customer's phone shows a message of the business. */
export function describeOutbound(media: MediaStore, message: OutboundMessage): ChatContent {
  switch (message.type) {
    case "text":
      return { type: "text", text: message.text.body };
    case "image":
    case "video":
      return describeMedia(message.type, message.type === "image" ? message.image : message.video);
    case "audio":
      return describeMedia("audio", message.audio);
    case "sticker":
      return describeMedia("sticker", message.sticker);
    case "document": {
      const filename =
        message.document.filename ?? media.find(message.document.id ?? "")?.filename ?? undefined;
      return describeMedia("document", { ...message.document, filename });
    }
    case "location":
      return message.location.name === undefined
        ? {
            type: "location",
            latitude: message.location.latitude,
            longitude: message.location.longitude,
          }
        : { type: "location", ...message.location };
    case "contacts":
      return { type: "note", text: "Contact card" };
    case "reaction":
      return { type: "note", text: message.reaction.emoji };
    case "template":
      return { type: "text", text: describeTemplate(message.template) };
    case "interactive":
      return describeInteractive(message.interactive);
  }
}

/** The words a customer reads in it; for tests and logs of the simulator. */
export function textOfContent(content: ChatContent): string {
  if (content.type === "media") return content.caption ?? content.filename ?? content.media;
  if (content.type === "location")
    return content.name ?? `${content.latitude}, ${content.longitude}`;
  return content.text;
}

type MediaParts = {
  readonly id?: string | undefined;
  readonly link?: string | undefined;
  readonly caption?: string | undefined;
  readonly filename?: string | undefined;
};

function describeMedia(
  kind: Extract<ChatContent, { type: "media" }>["media"],
  parts: MediaParts,
): ChatContent {
  return {
    type: "media",
    media: kind,
    url: parts.link ?? `/sim/media/${parts.id ?? ""}`,
    caption: parts.caption,
    filename: parts.filename,
  };
}

const parametersSchema = z.array(z.looseObject({ text: z.string().default("…") })).catch([]);

function describeTemplate({
  name,
  language,
  components = [],
}: Extract<OutboundMessage, { type: "template" }>["template"]): string {
  const values = components.flatMap(({ parameters }) => parametersSchema.parse(parameters));
  return [`Template *${name}* (${language.code})`, ...values.map(({ text }) => `- ${text}`)].join(
    "\n",
  );
}

type Interactive = Extract<OutboundMessage, { type: "interactive" }>["interactive"];

function describeInteractive(interactive: Interactive): ChatContent {
  const text = interactive.body.text;
  const extras =
    interactive.type === "location_request_message" || interactive.type === "request_contact_info"
      ? {}
      : {
          header: interactive.header?.type === "text" ? interactive.header.text : undefined,
          footer: interactive.footer?.text,
        };
  switch (interactive.type) {
    case "button": {
      const options = interactive.action.buttons.map(({ reply }) => reply);
      return { type: "choices", kind: "buttons", text, ...extras, options };
    }
    case "list": {
      const options = interactive.action.sections.flatMap(({ rows }) => rows);
      return {
        type: "choices",
        kind: "list",
        text,
        ...extras,
        label: interactive.action.button,
        options,
      };
    }
    case "cta_url": {
      const { display_text: label, url } = interactive.action.parameters;
      return { type: "link", text, label, url };
    }
    case "flow":
      return { type: "text", text: `${text}\n[${interactive.action.parameters.flow_cta}]` };
    case "location_request_message":
      return { type: "location-request", text };
    case "request_contact_info":
      return { type: "text", text: `${text}\n[Share phone number]` };
  }
}
