import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { metaErrorRule } from "./error-codes.ts";
import type { PauseKind } from "./error-codes.ts";

/** A whole HTTP answer of the Graph API. */
export type GraphAnswer = {
  readonly status: number;
  /** Seconds, as Meta writes them; other forms are ignored. */
  readonly retryAfter: string | undefined;
  readonly body: string;
};

/** The refusal in an answer, and whom it makes wait. */
export type GraphRefusal = {
  readonly error: AppError;
  readonly pause: PauseKind | undefined;
};

const Unreadable = Symbol("unreadable");

const MetaErrorBody = z.object({
  error: z.object({
    code: z.union([
      z.number().int(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number),
    ]),
    fbtrace_id: z.string().max(100).optional().catch(undefined),
  }),
});

const NonEmptyText = z.string().min(1).optional().catch(undefined);

/** Meta's answer to an accepted message. `wa_id` is missing for people known by user id only. */
const SentMessage = z
  .object({
    messages: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()),
    contacts: z.array(z.object({ wa_id: NonEmptyText, user_id: NonEmptyText }).catch({})).catch([]),
  })
  .transform(({ messages, contacts }) => ({
    whatsappMessageId: messages[0].id,
    ...(contacts[0]?.wa_id === undefined ? {} : { phone: contacts[0].wa_id }),
    ...(contacts[0]?.user_id === undefined ? {} : { userId: contacts[0].user_id }),
  }));

/** What Meta says when it takes a message: its id, and the person as Meta writes them. */
export type SentMessage = z.output<typeof SentMessage>;

const OptionalText = z.string().optional().catch(undefined);

/** What an operator wants to know of a number; everything may be missing. */
const NumberHealth = z
  .object({
    verified_name: OptionalText,
    display_phone_number: OptionalText,
    quality_rating: OptionalText,
    platform_type: OptionalText,
    throughput: z.object({ level: OptionalText }).optional().catch(undefined),
    webhook_configuration: z.object({ application: OptionalText }).optional().catch(undefined),
  })
  .transform((number) => ({
    verifiedName: number.verified_name,
    displayPhoneNumber: number.display_phone_number,
    qualityRating: number.quality_rating,
    platformType: number.platform_type,
    throughputLevel: number.throughput?.level,
    webhookUrl: number.webhook_configuration?.application,
  }));

/** The state of a number as Meta tells it; every part may be missing. */
export type NumberHealth = z.output<typeof NumberHealth>;

/** The fields of a number that `readNumberHealth` understands, as the Graph API wants them listed. */
export const NUMBER_HEALTH_FIELDS =
  "verified_name,display_phone_number,quality_rating,platform_type,throughput,webhook_configuration";

/** The message that Meta took, or nothing when the answer does not say so. */
export function readSentMessage(answer: GraphAnswer): SentMessage | undefined {
  return SentMessage.safeParse(parseJson(answer.body)).data;
}

/** The state of a number, or nothing when the answer cannot be read. */
export function readNumberHealth(answer: GraphAnswer): NumberHealth | undefined {
  return NumberHealth.safeParse(parseJson(answer.body)).data;
}

/**
 * The refusal in an answer, or nothing when it is a success. Meta's number decides; the HTTP status
 * only counts where there is none.
 */
export function readRefusal(answer: GraphAnswer): GraphRefusal | undefined {
  const metaError = MetaErrorBody.safeParse(parseJson(answer.body)).data?.error;
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (isSuccess && metaError === undefined) return undefined;

  const metaCode = metaError?.code;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter);
  const details = {
    httpStatus: answer.status,
    ...(metaCode === undefined ? {} : { metaCode }),
    ...(metaError?.fbtrace_id === undefined ? {} : { metaTraceId: metaError.fbtrace_id }),
  };
  // A gateway that waited in vain has handed the request on, and nobody knows what became of it.
  if (metaCode === undefined && answer.status === 504) {
    return {
      error: new AppError("WHATSAPP_OUTCOME_UNKNOWN", "Meta's gateway got no answer in time", {
        details,
      }),
      pause: undefined,
    };
  }
  const rule = metaErrorRule({ metaCode, httpStatus: answer.status });
  const origin = metaCode === undefined ? `HTTP status ${answer.status}` : `error ${metaCode}`;
  return {
    error: new AppError(rule.errorCode, `Meta answered ${origin}: ${rule.meaning}`, {
      details,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }),
    pause: rule.pause,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Unreadable;
  }
}

function parseRetryAfterMs(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : undefined;
}
