import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { DOCUMENT_BYTES_MAX } from "#domain/knowledge.ts";
import { type Caller, defineComposedCommand } from "./command.ts";
import { type FollowedDocument, followDocuments } from "./follow-documents.ts";
import { knowledgeUpload } from "./knowledge-upload.ts";
import { type FoundFile, listFiles } from "./list-files.ts";
import { type DocumentResult, RESULT_VIEW } from "./source-summary.ts";

const Input = z.strictObject({
  paths: z
    .array(z.string())
    .min(1, "is missing")
    .meta({ positional: true })
    .describe("Files, folders with all files in them, and addresses of pages."),
  chatbot: z.string().describe("Id, name or phone number id of the chatbot."),
  syncEveryHours: z
    .number()
    .min(0.1)
    .max(8_784)
    .optional()
    .meta({ placeholder: "hours" })
    .describe("Pages: look every so many hours whether they have changed."),
  background: z.boolean().default(false).describe("Do not wait until they are learned."),
});
type Input = z.infer<typeof Input>;

/** `knowledge add`. */
export const knowledgeAdd = defineComposedCommand({
  name: "knowledge add",
  summary: "Learn documents and pages; waits until the chatbot can answer from them.",
  details:
    "Takes PDF, Word (docx, doc), HTML, Markdown, CSV and plain text of up to 10 MB each; the bytes decide, not the name. A document of the same name is replaced. Ends with 1 when one of them failed, and says why.",
  examples: [
    "./parley knowledge add --chatbot Support manual.pdf prices.docx",
    "./parley knowledge add --chatbot Support documents/ --json",
    "./parley knowledge add --chatbot Support https://example.com/faq --sync-every-hours 24",
  ],
  input: Input,
  view: RESULT_VIEW,
  isFailure: (row) => row["status"] === "failed",
  async *compose(caller, input) {
    const files = await listFiles(input.paths);
    const taken: FollowedDocument[] = [];
    for (const [index, file] of files.entries()) {
      caller.progress(`sending ${index + 1}/${files.length} documents`);
      const sent = await send(caller, input, file);
      if ("status" in sent) yield sent;
      else taken.push(sent);
    }
    caller.progress("");
    if (!input.background) yield* followDocuments(caller, taken);
    else for (const { file, sourceId } of taken) yield { ...result(file, "pending"), sourceId };
  },
});

const Uploaded = z.object({ sourceId: z.string() });

/** Hands one document over; a result where that cannot be. */
async function send(
  caller: Caller,
  input: Input,
  file: FoundFile,
): Promise<FollowedDocument | DocumentResult> {
  const startedMs = performance.now();
  try {
    const upload = { chatbot: input.chatbot, name: file.name, ...(await readContent(file, input)) };
    for await (const row of caller.call(knowledgeUpload, upload))
      return { file: file.name, sourceId: Uploaded.parse(row).sourceId, startedMs };
    throw new AppError("INTERNAL", "The document was not taken");
  } catch (error) {
    if (!isOfThisDocument(error)) throw error;
    return { ...result(file.name, "failed"), reason: error.message };
  }
}

/** A wrong chatbot, or a database that is away, is the trouble of all of them. */
function isOfThisDocument(error: unknown): error is AppError {
  return error instanceof AppError && /^(DOCUMENT|PAGE)_|^INPUT_INVALID$/.test(error.code);
}

async function readContent(file: FoundFile, input: Input) {
  switch (file.kind) {
    case "url":
      return {
        url: file.url,
        ...(input.syncEveryHours === undefined
          ? {}
          : { syncIntervalMinutes: Math.round(input.syncEveryHours * 60) }),
      };
    case "missing":
      throw new AppError("INPUT_INVALID", "There is no such file or folder.");
    case "file":
      if (file.sizeBytes > DOCUMENT_BYTES_MAX)
        throw new AppError(
          "DOCUMENT_TOO_LARGE",
          `The file is larger than ${DOCUMENT_BYTES_MAX / (1024 * 1024)} MB. Split it into smaller files and upload those.`,
        );
      return { base64: await readBase64(file.path) };
  }
}

async function readBase64(path: string): Promise<string> {
  try {
    return await readFile(path, "base64");
  } catch (cause) {
    throw new AppError("INPUT_INVALID", "The file cannot be read.", { cause });
  }
}

const result = (file: string, status: string): DocumentResult => ({
  file,
  sourceId: null,
  status,
  reason: null,
  pages: null,
  chunks: 0,
  seconds: 0,
});
