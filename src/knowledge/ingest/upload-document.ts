import { createHash } from "node:crypto";
import { AppError } from "#domain/errors.ts";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { DOCUMENT_BYTES_MAX, SourceId } from "#domain/knowledge.ts";
import { checkUrl } from "#providers/guarded-fetch/check-url.ts";
import { objectKey, type ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { postDocumentTask } from "#store/document-mailbox.ts";
import {
  findSourceByName,
  hasChatbot,
  insertSource,
  type NewSource,
  replaceSource,
} from "#store/knowledge-sources.ts";
import { guessSourceType } from "./guess-source-type.ts";

/** What an upload needs. */
export type UploadDeps = {
  readonly db: AppDatabase;
  readonly storage: ObjectStorage;
  readonly newId: () => string;
  readonly allowPrivateAddresses: boolean;
};

/** The document itself, or where it is. */
export type UploadContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "base64"; readonly text: string }
  | { readonly kind: "url"; readonly url: string };

/** A document to be learned. */
export type Upload = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  /** What the uploader says it is; the bytes decide. */
  readonly sourceType?: string | undefined;
  /** As it is shown, and cited to customers. */
  readonly name: string;
  readonly content: UploadContent;
  /** Pages only: how often to look whether it has changed. Null or absent: on demand. */
  readonly syncIntervalMinutes?: number | null | undefined;
  /** `replace`: takes the place of the chatbot's document of the same name. */
  readonly sameName: "replace" | "add another";
};

/** What became of an upload; its passages are made in the background. */
export type Uploaded = {
  readonly sourceId: SourceId;
  readonly processingJobId: string;
  readonly outcome: "added" | "replaced";
};

const NAME_LENGTH_MAX = 500;
const SYNC_MINUTES_MIN = 5;
const SYNC_MINUTES_MAX = 366 * 24 * 60;

/**
 * Takes a document in: keeps the original, and posts it to be read, in one transaction with its row.
 * @throws AppError INPUT_INVALID, DOCUMENT_TOO_LARGE, PAGE_ADDRESS_REFUSED, NOT_FOUND (no such chatbot).
 */
export async function uploadDocument(deps: UploadDeps, upload: Upload): Promise<Uploaded> {
  const name = upload.name.trim();
  if (name === "" || name.length > NAME_LENGTH_MAX)
    throw new AppError(
      "INPUT_INVALID",
      `A document has a name of 1 to ${NAME_LENGTH_MAX} characters.`,
    );
  const original = readOriginal(deps, upload);
  const { organizationId, chatbotId } = upload;
  await asTenant(deps.db, organizationId, (tenant) => assertChatbot(tenant, chatbotId));
  const filePath = original.bytes === null ? null : await keep(deps, upload, original.bytes);
  try {
    return await record(deps, { upload: { ...upload, name }, original, filePath });
  } catch (error) {
    if (filePath !== null) await deps.storage.remove(filePath).catch(() => {}); // the first failure counts
    throw error;
  }
}

async function record(
  deps: UploadDeps,
  kept: { readonly upload: Upload; readonly original: Original; readonly filePath: string | null },
): Promise<Uploaded> {
  const { upload, original, filePath } = kept;
  const { organizationId, chatbotId, name } = upload;
  const jobId = deps.newId();
  return asTenant(deps.db, organizationId, async (tenant) => {
    const known =
      upload.sameName === "replace" ? await findSourceByName(tenant, chatbotId, name) : null;
    const source: NewSource = {
      id: known ?? SourceId.parse(deps.newId()),
      chatbotId,
      sourceType: guessSourceType(original, upload.sourceType),
      name,
      url: original.url,
      filePath,
      sizeBytes: original.bytes?.length ?? null,
      jobId,
      syncIntervalMinutes: original.url === null ? null : (upload.syncIntervalMinutes ?? null),
    };
    const obsoleteFile = await save(tenant, { organizationId, source, isKnown: known !== null });
    const task = { kind: "ingest", jobId, obsoleteFile } as const;
    await postDocumentTask(tenant, { organizationId, id: source.id }, task);
    return {
      sourceId: source.id,
      processingJobId: jobId,
      outcome: known === null ? "added" : "replaced",
    };
  });
}

async function save(
  tenant: TenantDatabase,
  saved: {
    readonly organizationId: OrganizationId;
    readonly source: NewSource;
    readonly isKnown: boolean;
  },
): Promise<string | null> {
  if (saved.isKnown) return replaceSource(tenant, saved.source);
  await insertSource(tenant, saved.organizationId, saved.source);
  return null;
}

async function assertChatbot(tenant: TenantDatabase, chatbotId: ChatbotId): Promise<void> {
  if (!(await hasChatbot(tenant, chatbotId)))
    throw new AppError("NOT_FOUND", "There is no such chatbot.");
}

/** What was uploaded, checked. */
export type Original = {
  readonly bytes: Uint8Array | null;
  readonly url: string | null;
  readonly name: string;
};

function readOriginal(deps: Pick<UploadDeps, "allowPrivateAddresses">, upload: Upload): Original {
  const { content, name } = upload;
  if (content.kind === "url") {
    assertInterval(upload.syncIntervalMinutes ?? null);
    return { bytes: null, url: checkUrl(content.url, deps).href, name };
  }
  const bytes = content.kind === "bytes" ? content.bytes : decodeBase64(content.text);
  assertSize(bytes.length);
  return { bytes, url: null, name };
}

/** Four characters of base64 hold three bytes. */
const BASE64_LENGTH_MAX = Math.ceil(DOCUMENT_BYTES_MAX / 3) * 4;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function decodeBase64(text: string): Uint8Array {
  const compact = text.replaceAll(/[\r\n]/g, "");
  if (compact.length > BASE64_LENGTH_MAX) assertSize(DOCUMENT_BYTES_MAX + 1);
  if (!BASE64.test(compact))
    throw new AppError("INPUT_INVALID", "The document's content is not base64.");
  return Buffer.from(compact, "base64");
}

function assertSize(sizeBytes: number): void {
  if (sizeBytes > DOCUMENT_BYTES_MAX)
    throw new AppError(
      "DOCUMENT_TOO_LARGE",
      `The file is larger than ${DOCUMENT_BYTES_MAX / (1024 * 1024)} MB. Split it into smaller files and upload those.`,
    );
}

function assertInterval(minutes: number | null): void {
  if (
    minutes !== null &&
    (!Number.isInteger(minutes) || minutes < SYNC_MINUTES_MIN || minutes > SYNC_MINUTES_MAX)
  )
    throw new AppError("INPUT_INVALID", "A page can be looked at every 5 minutes to once a year.");
}

/** Under its content's hash, so that the same twice is one object and a new one never overwrites. */
async function keep(deps: UploadDeps, upload: Upload, bytes: Uint8Array): Promise<string> {
  const key = originalKey(upload, { name: deps.newId(), bytes });
  await deps.storage.put(key, bytes);
  return key;
}

/** Where the original of a document is kept. */
export function originalKey(
  owner: { readonly organizationId: string; readonly chatbotId: string },
  original: { readonly name: string; readonly bytes: Uint8Array },
): string {
  return objectKey(
    owner.organizationId,
    owner.chatbotId,
    `${original.name}-${hashBytes(original.bytes).slice(0, 16)}`,
  );
}

/** SHA-256, hexadecimal. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
