import { z } from "zod";
import type { WhatsAppSender } from "#domain/outbound.ts";
import type { GraphAnswer } from "./graph-answers.ts";
import type { GraphCall } from "./graph-api.ts";

/** A file on its way to Meta. */
export type UploadMediaInput = {
  readonly sender: WhatsAppSender;
  readonly bytes: Uint8Array;
  /** Without parameters, such as `application/pdf`: Meta refuses the types that it does not know. */
  readonly mediaType: string;
  readonly filename: string;
  readonly signal?: AbortSignal | undefined;
};

/** A file that Meta has. */
export type UploadedMedia = { readonly mediaId: string };

/** How long Meta keeps an upload. Source: Meta's page on media. */
export const UPLOADED_MEDIA_DAYS = 30;

/** The call that uploads a file: it does no harm twice, so a lost answer may be asked for again. */
export async function buildUploadCall(
  version: string,
  input: UploadMediaInput,
): Promise<GraphCall<UploadedMedia>> {
  const { sender, signal } = input;
  return {
    request: {
      method: "POST",
      path: `/${version}/${encodeURIComponent(sender.phoneNumberId)}/media`,
      accessToken: sender.accessToken,
      upload: await encodeForm(input),
      signal,
    },
    route: { phoneNumberId: sender.phoneNumberId },
    read: readUploadedMedia,
  };
}

async function encodeForm({ bytes, mediaType, filename }: UploadMediaInput) {
  const form = new FormData();
  form.set("messaging_product", "whatsapp");
  form.set("type", mediaType);
  form.set("file", new Blob([Uint8Array.from(bytes)], { type: mediaType }), filename);
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get("content-type") ?? "",
    bytes: await encoded.bytes(),
  };
}

const Answer = z.object({ id: z.string().min(1) });

function readUploadedMedia({ body }: GraphAnswer): UploadedMedia | undefined {
  try {
    return { mediaId: Answer.parse(JSON.parse(body)).id };
  } catch {
    return undefined;
  }
}
