import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { ContentPart } from "./parse-content.ts";
import { asObject, omitKeys, readId, readObject, readText } from "./read-json.ts";
import { toStorableJson } from "./storable-json.ts";

/**
 * Reads the answer to a button, a list or a form (a WhatsApp flow). `data.type` is the kind of
 * reply, beside Meta's own fields of it; the answers of a form are in `data.response`.
 */
export function parseInteractive(interactive: JsonObject): ContentPart {
  const type = readId(interactive, "type");
  if (type === undefined) return { text: "", data: interactive, answerable: false };

  const reply = readObject(interactive, type);
  if (type === "nfm_reply") return readForm(reply);
  const data = { ...reply, type };
  // Whether we may call is a permission, not something said.
  if (type === "call_permission_reply") return { text: "", data, answerable: false };

  const text = readText(reply, "title") ?? readText(reply, "id") ?? "";
  return { text, data, answerable: text !== "" };
}

/** Keys of a form's answers that are bookkeeping between Meta and us. */
const FORM_BOOKKEEPING = ["flow_token"];

function readForm(reply: JsonObject): ContentPart {
  const response = parseResponse(reply["response_json"]);
  const title = readText(reply, "body") ?? readText(reply, "name") ?? "Form";
  const answers = Object.entries(omitKeys(asObject(response) ?? {}, FORM_BOOKKEEPING));
  const lines = answers.map(([key, value]) => `${key}: ${describeAnswer(value)}`);
  return {
    text: [title, ...lines].join("\n"),
    data: {
      ...omitKeys(reply, ["response_json"]),
      type: "nfm_reply",
      ...(response === undefined ? {} : { response }),
    },
    answerable: true,
  };
}

/** Meta sends the answers as JSON inside a text. What is no JSON is kept as the text it is. */
function parseResponse(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "string") return value;
  try {
    return toStorableJson(JSON.parse(value));
  } catch {
    return value;
  }
}

function describeAnswer(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
