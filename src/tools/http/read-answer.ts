import type { ToolOrigin } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import type { GuardedAnswer } from "#providers/guarded-fetch/guarded-requests.ts";

/** Of an answer no more is read: what the model gets of it is far shorter. */
const ANSWER_BYTES_MAX = 1024 * 1024;
/** Of what a server says to a refused request, before credentials are taken out and it is cut. */
const REASON_LENGTH_MAX = 20_000;

/**
 * What a server answered, as a tool's result: JSON where it is JSON, otherwise text.
 * @throws AppError of the TOOL_ codes for any status but 2xx.
 */
export async function readAnswer(
  answer: GuardedAnswer,
  effects: ToolOrigin["effects"],
): Promise<JsonValue> {
  const { text, isCut } = await readBeginning(answer);
  const { status } = answer;
  if (status < 200 || status > 299) throw failureOf(status, { text, effects });
  if (text === "") return { status, note: "Done; the server answered without content." };
  if (isCut)
    return { beginning: text, note: "The answer is larger than 1 MB; the rest was not read." };
  return parse(text);
}

async function readBeginning(
  answer: GuardedAnswer,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer.chunks) {
    parts.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > ANSWER_BYTES_MAX) break; // which ends the connection
  }
  const text = new TextDecoder().decode(Buffer.concat(parts).subarray(0, ANSWER_BYTES_MAX));
  return { text, isCut: sizeBytes > ANSWER_BYTES_MAX };
}

function parse(text: string): JsonValue {
  try {
    return toJsonValue(JSON.parse(text));
  } catch {
    return toJsonValue(text);
  }
}

type Failure = { readonly text: string; readonly effects: ToolOrigin["effects"] };

function failureOf(status: number, { text, effects }: Failure): AppError {
  const details = { status };
  const said = text.trim() === "" ? "" : ` It says: ${text.trim().slice(0, REASON_LENGTH_MAX)}`;
  if (status === 401 || status === 403)
    return new AppError(
      "TOOL_CREDENTIALS_REFUSED",
      "The tool's server refuses the business's credentials. The business must renew them.",
      { details },
    );
  // "Done, see there" is a redirect, too.
  if (status >= 300 && status < 400 && effects === "outside")
    return new AppError(
      "TOOL_OUTCOME_UNKNOWN",
      `The tool's server points to another address (${status}), which is not followed: nobody knows whether it did what it was asked.`,
      { details },
    );
  if (status >= 300 && status < 400)
    return new AppError(
      "TOOL_MISCONFIGURED",
      "The tool's server redirects to another address, which is not followed.",
      { details },
    );
  if (status === 429 || status === 503)
    return new AppError("TOOL_UNAVAILABLE", `The tool's server is busy (${status}).`, { details });
  if ((status >= 500 || status === 408) && effects === "outside")
    return new AppError(
      "TOOL_OUTCOME_UNKNOWN",
      `The tool's server failed (${status}) while it did what it was asked.`,
      { details },
    );
  if (status >= 500 || status === 408)
    return new AppError("TOOL_UNAVAILABLE", `The tool's server failed (${status}).`, { details });
  return new AppError(
    "TOOL_REQUEST_REJECTED",
    `The tool's server refuses this (${status}).${said}`,
    {
      details,
    },
  );
}
