import type { MediaSettings } from "#domain/conversation.ts";
import { type AppError, ERRORS, toAppError } from "#domain/errors.ts";
import type { ChatbotId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { MediaReason, MessageMedia } from "#domain/media.ts";
import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import { NO_TRANSCRIPTION } from "#providers/transcription/transcription-name.ts";
import type { Transcript, Transcription } from "#providers/transcription/transcription.ts";
import type { Transcriptions } from "#providers/transcription/transcriptions.ts";
import { recordAlert } from "#store/alerts.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { recordMedia, recordTranscriptionUsage, setTranscript } from "#store/message-media.ts";
import { costOfTranscription } from "#usage/cost-of-transcription.ts";
import { checkRecording } from "./check-recording.ts";
import { toStorableText } from "./to-storable-text.ts";

/** What hearing recordings needs. */
export type HearRecordingDeps = {
  readonly db: AppDatabase;
  readonly transcriptions: Pick<Transcriptions, "get">;
  /** For chatbots without a model of their own; null: they hear nothing. */
  readonly defaultTranscriptionModel: string | null;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Whose recording, and how the chatbot hears. */
export type ReadTurn = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly turnId: TurnId;
  readonly settings: MediaSettings;
  readonly signal: AbortSignal;
};

/** A file that is kept, with its bytes. */
export type FileToRead = {
  readonly messageId: string;
  readonly media: MessageMedia;
  readonly bytes: Uint8Array;
  /** As the customer named it; null where it has none. */
  readonly name: string | null;
};

/** What half an hour of quick speech amounts to. */
const TRANSCRIPT_LENGTH_MAX = 40_000;
const TRIES_MAX = 2;
const RETRY_PAUSE_MS = 1_000;
/** A longer wait that a provider asks for is not waited for: a customer waits already. */
const RETRY_PAUSE_MAX_MS = 5_000;

/**
 * Finds out what is said in a recording, once: transcript, the message's text and what it cost commit
 * together. A recording that cannot be heard is a value.
 */
export async function hearRecording(
  deps: HearRecordingDeps,
  turn: ReadTurn,
  file: FileToRead,
): Promise<MessageMedia> {
  const checked = checkRecording(file.bytes, file.media.mimeType);
  if (checked.reason !== null) return leave(deps, turn, { file, reason: checked.reason });
  const { durationMs } = checked;
  const heard = await hear(deps, turn, file);
  if ("reason" in heard) return leave(deps, turn, { file, reason: heard.reason });
  const { transcript, model } = heard;
  const text = toStorableText(transcript.text, TRANSCRIPT_LENGTH_MAX);
  const media: MessageMedia =
    text.text === ""
      ? { ...file.media, reason: "no-words" }
      : { ...file.media, status: "read", reason: null, ...text };
  const { organizationId, turnId } = turn;
  const owner = { organizationId, messageId: file.messageId };
  const audioMs = transcript.billedMs ?? durationMs;
  const { tokensPrompt, tokensCompletion } = transcript;
  const costMicros = costOfTranscription(model, audioMs);
  await asTenant(deps.db, organizationId, async (tenant) => {
    const tokens = tokensPrompt + tokensCompletion;
    const isWritten = await recordMedia(tenant, owner, {
      ...media,
      durationMs: audioMs ?? undefined,
      model,
      tokens,
    });
    if (isWritten && media.text !== null) await setTranscript(tenant, file.messageId, media.text);
    const usage = { tokensPrompt, tokensCompletion, audioMs, costMicros };
    await recordTranscriptionUsage(tenant, { ...owner, ...usage, turnId, model });
  });
  return costMicros === null ? media : { ...media, costMicros };
}

type Heard =
  | { readonly transcript: Transcript; readonly model: string }
  | { readonly reason: MediaReason };

async function hear(deps: HearRecordingDeps, turn: ReadTurn, file: FileToRead): Promise<Heard> {
  const name = turn.settings.transcriptionModel ?? deps.defaultTranscriptionModel;
  if (name === null || name === NO_TRANSCRIPTION) return { reason: "no-transcription" };
  try {
    const transcription = deps.transcriptions.get(name);
    const transcript = await patiently(deps.clock, turn.signal, () =>
      transcribe(transcription, file, turn.signal),
    );
    return { transcript, model: name };
  } catch (cause) {
    turn.signal.throwIfAborted();
    const error = toAppError(cause);
    const { organizationId, turnId } = turn;
    deps.logger.warn({ organizationId, turnId, model: name, error }, "recording not transcribed");
    const reason = reasonOf(error);
    if (reason === "no-transcription") await alert(deps, turn, error);
    return { reason };
  }
}

function transcribe(
  transcription: Transcription,
  { bytes, media }: FileToRead,
  signal: AbortSignal,
) {
  return transcription.transcribe({ bytes, mimeType: media.mimeType ?? "audio/ogg" }, signal);
}

/** What passes by itself is tried a second time; a time limit is not: it has been long enough. */
async function patiently<Result>(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const { retryable, code, retryAfterMs = RETRY_PAUSE_MS } = toAppError(error);
      const passes = retryable && code !== "MODEL_TIMEOUT" && retryAfterMs <= RETRY_PAUSE_MAX_MS;
      if (attempt === TRIES_MAX || !passes) throw error;
      await clock.sleep(retryAfterMs, signal);
    }
  }
}

function reasonOf(error: AppError): MediaReason {
  if (error.retryable) return "unavailable";
  return error.code === "MODEL_REQUEST_REJECTED" ? "type" : "no-transcription";
}

/** A model that is set and cannot be used stays so until somebody acts; customers are asked to write. */
async function alert(
  { db }: Pick<HearRecordingDeps, "db">,
  { organizationId, chatbotId, turnId }: ReadTurn,
  { code, details }: AppError,
): Promise<void> {
  await asTenant(db, organizationId, (tenant) =>
    recordAlert(tenant, organizationId, {
      severity: "error",
      type: "transcription_failed",
      errorCode: code,
      message: `${ERRORS[code].explanation} Voice messages are not heard; customers are asked to write.`,
      chatbotId,
      turnId,
      stepId: "media",
      details,
    }),
  );
}

/** Notes why there are no words. */
async function leave(
  deps: Pick<HearRecordingDeps, "db">,
  { organizationId }: ReadTurn,
  { file, reason }: { readonly file: FileToRead; readonly reason: MediaReason },
): Promise<MessageMedia> {
  const media = { ...file.media, reason };
  await asTenant(deps.db, organizationId, (tenant) =>
    recordMedia(tenant, { organizationId, messageId: file.messageId }, media),
  );
  return media;
}
