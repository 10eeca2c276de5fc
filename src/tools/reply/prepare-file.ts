import { AppError } from "#domain/errors.ts";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { type OutboundAttachment, WHATSAPP_LIMITS, type WhatsAppSender } from "#domain/outbound.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { UPLOADED_MEDIA_DAYS } from "#providers/whatsapp/upload-media.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  type ChatbotFile,
  type ChatbotFiles,
  loadChatbotFiles,
  rememberUploadedMedia,
} from "#store/uploaded-media.ts";
import { findFile } from "./find-file.ts";

export type PrepareFileDeps = {
  readonly db: AppDatabase;
  readonly storage: Pick<ObjectStorage, "get">;
  readonly whatsApp: Pick<WhatsAppClient, "uploadMedia">;
  readonly keyRing: Pick<KeyRing, "open">;
  readonly clock: Pick<Clock, "now">;
};

/** Whose document is wanted, and which one. */
export type PrepareFileInput = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  /** As a model writes it. */
  readonly name: string;
};

/**
 * What our types are called when they go to Meta, which takes no others, and how their names end. Text
 * of every kind goes as plain text; pages are sent as links.
 */
const SENDABLE: Readonly<Record<string, readonly [mediaType: string, ending: string]>> = {
  "application/pdf": ["application/pdf", ".pdf"],
  "application/msword": ["application/msword", ".doc"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".docx",
  ],
  "text/plain": ["text/plain", ".txt"],
  "text/markdown": ["text/plain", ".md"],
  "text/csv": ["text/plain", ".csv"],
};

const DAY_MS = 24 * 60 * 60 * 1_000;
/** An upload is forgotten a day before Meta does it. */
const UPLOAD_LIFE_MS = (UPLOADED_MEDIA_DAYS - 1) * DAY_MS;

/**
 * Makes a document of the chatbot's own knowledge ready to be sent: the original goes to Meta, unless
 * it is there already. Throws `AppError` with a message for the model when there is no such document
 * or it cannot be sent.
 */
export async function prepareFile(
  deps: PrepareFileDeps,
  input: PrepareFileInput,
  signal: AbortSignal,
): Promise<OutboundAttachment> {
  const { organizationId, chatbotId, name } = input;
  const chatbot = await asTenant(deps.db, organizationId, (tenant) =>
    loadChatbotFiles(tenant, chatbotId),
  );
  if (chatbot === null) throw new AppError("NOT_FOUND", "There are no documents.");
  const file = findFile(
    name,
    chatbot.files.filter(({ mediaType }) => mediaType in SENDABLE),
  );
  const id = file.mediaId ?? (await upload(deps, { ...input, chatbot, file }, signal));
  return { type: "document", media: { id }, filename: toFilename(file), caption: null };
}

async function upload(
  deps: PrepareFileDeps,
  input: PrepareFileInput & { readonly chatbot: ChatbotFiles; readonly file: ChatbotFile },
  signal: AbortSignal,
): Promise<string> {
  const { organizationId, chatbotId, chatbot, file } = input;
  const { phoneNumberId, sealedAccessToken } = chatbot;
  const column = "whatsapp_access_token";
  const accessToken = deps.keyRing.open(sealedAccessToken, { organizationId, column });
  const sender = { phoneNumberId, accessToken };
  const mediaId = await hand(deps, { sender, file }, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new AppError("TOOL_UNAVAILABLE", CANNOT_NOW, { cause });
  });
  const expiresAt = new Date(deps.clock.now().getTime() + UPLOAD_LIFE_MS);
  await asTenant(deps.db, organizationId, (tenant) =>
    rememberUploadedMedia(tenant, organizationId, {
      chatbotId,
      sourceId: file.sourceId,
      phoneNumberId,
      filePath: file.filePath,
      mediaId,
      expiresAt,
    }),
  );
  return mediaId;
}

const CANNOT_NOW = "The file cannot be sent now. Answer without it, and say so.";

async function hand(
  deps: PrepareFileDeps,
  { sender, file }: { readonly sender: WhatsAppSender; readonly file: ChatbotFile },
  signal: AbortSignal,
): Promise<string> {
  const bytes = await deps.storage.get(file.filePath);
  const mediaType = SENDABLE[file.mediaType]?.[0] ?? file.mediaType;
  const filename = toFilename(file);
  const uploaded = await deps.whatsApp.uploadMedia({ sender, bytes, mediaType, filename, signal });
  return uploaded.mediaId;
}

/** A name that phones can keep a file under, with the ending that opens it. */
function toFilename({ name, mediaType }: ChatbotFile): string {
  const ending = SENDABLE[mediaType]?.[1] ?? "";
  const base = name.toLowerCase().endsWith(ending)
    ? name.slice(0, name.length - ending.length)
    : name;
  const characters = Array.from(
    base
      .toWellFormed()
      .replaceAll(/[\p{Cc}\\/:*?"<>|]+/gu, " ")
      .trim(),
  );
  // A character has two units at most.
  const kept = characters.slice(0, (WHATSAPP_LIMITS.filename - ending.length) / 2).join("");
  return `${kept === "" ? "document" : kept}${ending}`;
}
