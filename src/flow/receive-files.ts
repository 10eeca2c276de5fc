import type { ConversationContext, HistoryEntry, MediaSettings } from "#domain/conversation.ts";
import { isMediaType } from "#domain/media.ts";
import { chooseLanguage } from "#language/choose-language.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { fitDocuments } from "#media/fit-documents.ts";
import { receiveMedia, type ReceiveMediaDeps } from "#media/receive-media.ts";
import { NO_TRANSCRIPTION } from "#providers/transcription/transcription-name.ts";
import { ownWords } from "./own-words.ts";

export type ReceiveFilesDeps = ReceiveMediaDeps;

/**
 * Between steps 1 and 2: fetches the files of the messages to answer and finds out what they say.
 * Returns the context with them, within the budget of documents; a transcript is the text of its message,
 * and tells the language. Costs nothing without files.
 */
export async function receiveFiles(
  deps: ReceiveFilesDeps,
  context: ConversationContext,
  session: TurnSession,
): Promise<ConversationContext> {
  const messages = context.incoming.flatMap(({ id, type, data, media }) =>
    id !== undefined && isMediaType(type) ? [{ id, type, data: data ?? {}, media }] : [],
  );
  if (messages.length === 0) return fitDocuments(context);
  const received = await receiveMedia(deps, {
    ...context,
    turnId: session.turn.turnId,
    settings: mediaSettings(context),
    messages,
    checkpoint: session.checkpoint,
    signal: session.signal,
  });
  const incoming = context.incoming.map((entry) => withFile(entry, received.get(entry.id ?? "")));
  const language = await chooseLanguage(ownWords(incoming), context.contact.language);
  return fitDocuments({ ...context, incoming, language });
}

/** A chatbot that has spent its month pays for no transcript either. */
function mediaSettings({ chatbot }: ConversationContext): MediaSettings {
  return chatbot.spend.isMonthUsedUp
    ? { ...chatbot.media, transcriptionModel: NO_TRANSCRIPTION }
    : chatbot.media;
}

function withFile(entry: HistoryEntry, media: HistoryEntry["media"]): HistoryEntry {
  if (media === undefined) return entry;
  const transcript = entry.type === "audio" ? media.text : null;
  return { ...entry, media, text: transcript ?? entry.text };
}
