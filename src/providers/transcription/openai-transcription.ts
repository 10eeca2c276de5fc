import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { ModelFetch } from "#providers/language-models/model-fetch.ts";
import { postToModel } from "#providers/language-models/post-to-model.ts";
import { buildMultipart } from "./build-multipart.ts";
import type { Transcript, Transcription } from "./transcription.ts";

/** A transcription model and its server. */
export type TranscriptionServer = {
  readonly name: string;
  readonly modelId: string;
  readonly apiKey: string | undefined;
  /** The model is asked at `<baseUrl>/audio/transcriptions`. */
  readonly baseUrl: string;
};

/**
 * OpenAI's `/audio/transcriptions`, which whisper.cpp, vLLM, LocalAI and Groq speak too. No client
 * library: the AI SDK's leaves out what a call has cost.
 */
export function openaiTranscription(
  server: TranscriptionServer,
  options: { readonly fetch: ModelFetch; readonly timeoutMs: number },
): Transcription {
  const url = `${server.baseUrl.replace(/\/+$/, "")}/audio/transcriptions`;
  return {
    model: server.name,
    transcribe: async ({ bytes, mimeType }, signal) => {
      const form = buildMultipart(
        { model: server.modelId, response_format: "json" },
        { name: `recording.${extensionOf(mimeType)}`, mimeType, bytes },
      );
      const { apiKey } = server;
      return readAnswer(await postToModel(options, { url, ...form, apiKey, signal }));
    },
  };
}

/** OpenAI looks at the name of the file to know its type. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/aac": "aac",
  "audio/amr": "amr",
  "audio/wav": "wav",
  "audio/webm": "webm",
  "audio/3gpp": "3gp",
};

function extensionOf(mimeType: string): string {
  return EXTENSIONS[mimeType] ?? "ogg";
}

const Usage = z
  .union([
    z.looseObject({ type: z.literal("duration"), seconds: z.number().min(0) }),
    z.looseObject({
      type: z.literal("tokens"),
      input_tokens: z.int().min(0),
      output_tokens: z.int().min(0),
    }),
  ])
  .nullish()
  .catch(null);

const Answer = z.looseObject({ text: z.string(), usage: Usage });

function readAnswer(text: string): Transcript {
  const answer = Answer.safeParse(parseJson(text)).data;
  if (answer === undefined)
    throw new AppError("MODEL_ANSWER_UNUSABLE", "The transcription model's answer cannot be read");
  const { usage } = answer;
  return {
    text: answer.text.trim(),
    tokensPrompt: usage?.type === "tokens" ? usage.input_tokens : 0,
    tokensCompletion: usage?.type === "tokens" ? usage.output_tokens : 0,
    billedMs: usage?.type === "duration" ? Math.round(usage.seconds * 1000) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
