import { DOCUMENT_ERRORS } from "./document-errors.ts";
import { PAGE_ERRORS } from "./page-errors.ts";
import { TOOL_ERRORS } from "./tool-errors.ts";

/**
 * Every way in which Parley can fail, with what the outside sees of it.
 *
 * `status` is the HTTP status an API answers with. `retryable` says whether the same call may
 * succeed later without anybody changing anything: the mailbox retries such a turn with back-off,
 * and ends the others at once. `explanation` is the sentence of docs/errors.md; a test keeps the
 * two equal.
 */
export const ERRORS = {
  SETTINGS_INVALID: {
    status: 500,
    retryable: false,
    explanation: "A setting has a value that Parley cannot use; the message names it.",
  },
  DATA_FOLDER_IN_USE: {
    status: 500,
    retryable: false,
    explanation: "Another Parley process has the embedded database of this data folder open.",
  },
  DATA_FOLDER_UNUSABLE: {
    status: 500,
    retryable: false,
    explanation: "The data folder cannot be read or written, or its disk is full.",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "PostgreSQL does not answer, or refuses the connection.",
  },
  SCHEMA_OUTDATED: {
    status: 500,
    retryable: false,
    explanation: "The database has not had all migrations of this version; run `parley migrate`.",
  },
  KEY_RING_MISMATCH: {
    status: 500,
    retryable: false,
    explanation: "The key ring (ENCRYPTION_KEYS) does not hold the key that sealed this secret.",
  },
  WEBHOOK_SIGNATURE_INVALID: {
    status: 401,
    retryable: false,
    explanation: "The webhook is not signed with an app secret that Parley knows.",
  },
  WEBHOOK_BODY_INVALID: {
    status: 400,
    retryable: false,
    explanation: "The webhook's body is not JSON.",
  },
  INPUT_INVALID: {
    status: 400,
    retryable: false,
    explanation: "A command or request has a value that cannot be used; the message names it.",
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    explanation: "What was asked for does not exist, or belongs to another organization.",
  },
  CONFLICT: {
    status: 409,
    retryable: false,
    explanation: "The change collides with something that exists already; the message names it.",
  },
  CONTACT_OPTED_OUT: {
    status: 409,
    retryable: false,
    explanation: "The person has said STOP: only what they ask for themselves may be sent to them.",
  },
  WHATSAPP_TOKEN_INVALID: {
    status: 502,
    retryable: false,
    explanation: "Meta refuses the chatbot's access token: it expired, was revoked or is wrong.",
  },
  WHATSAPP_PERMISSION_DENIED: {
    status: 502,
    retryable: false,
    explanation: "The access token lacks a permission for this WhatsApp number.",
  },
  WHATSAPP_RATE_LIMITED: {
    status: 503,
    retryable: true,
    explanation: "The WhatsApp number or app sends faster than Meta allows; sending waits.",
  },
  WHATSAPP_PAIR_RATE_LIMITED: {
    status: 503,
    retryable: true,
    explanation: "Too many messages to the same person in a short time; only this person waits.",
  },
  WHATSAPP_WINDOW_CLOSED: {
    status: 502,
    retryable: false,
    explanation: "The person's last message is older than 24 hours; only a template may be sent.",
  },
  WHATSAPP_RECIPIENT_UNREACHABLE: {
    status: 502,
    retryable: false,
    explanation: "WhatsApp cannot deliver to this person, who may not use WhatsApp any more.",
  },
  WHATSAPP_ACCOUNT_RESTRICTED: {
    status: 502,
    retryable: false,
    explanation: "Meta restricts the account or number: policy, quality, payment or registration.",
  },
  WHATSAPP_REQUEST_REJECTED: {
    status: 502,
    retryable: false,
    explanation: "Meta refuses the message's content or parameters.",
  },
  WHATSAPP_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "The Graph API is down, overloaded or cannot be reached; nothing was sent.",
  },
  WHATSAPP_OUTCOME_UNKNOWN: {
    status: 503,
    retryable: true,
    explanation:
      "The connection broke after a message was handed over; its status webhook will tell whether it was sent.",
  },
  MODEL_UNKNOWN: {
    status: 400,
    retryable: false,
    explanation: "The chatbot's model name is not `provider:model` of a provider that Parley has.",
  },
  MODEL_KEY_INVALID: {
    status: 502,
    retryable: false,
    explanation: "The model provider refuses the API key, or there is none.",
  },
  MODEL_RATE_LIMITED: {
    status: 503,
    retryable: true,
    explanation: "The model provider asks us to slow down, or the account's quota is used up.",
  },
  MODEL_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "The model provider is down or cannot be reached.",
  },
  MODEL_TIMEOUT: {
    status: 503,
    retryable: true,
    explanation: "The model gave no answer within the time limit.",
  },
  MODEL_REQUEST_REJECTED: {
    status: 502,
    retryable: false,
    explanation: "The model provider refuses the request: wrong model name, too long, or blocked.",
  },
  MODEL_ANSWER_UNUSABLE: {
    status: 502,
    retryable: true,
    explanation: "The model answered with nothing that can be sent to a person.",
  },
  ...PAGE_ERRORS,
  ...TOOL_ERRORS,
  ...DOCUMENT_ERRORS,
  SLACK_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "Slack does not take an alert; it stays in `system_alerts` and is tried again.",
  },
  TURN_OWNERSHIP_LOST: {
    status: 500,
    retryable: false,
    explanation: "Another worker took this turn over; what this worker still does has no effect.",
  },
  TURN_ATTEMPTS_EXHAUSTED: {
    status: 500,
    retryable: false,
    explanation: "The turn was started as often as allowed, and never reached its end.",
  },
  INTERNAL: {
    status: 500,
    retryable: true,
    explanation: "Something that Parley did not foresee; the log has the cause.",
  },
} as const satisfies Record<
  string,
  { readonly status: number; readonly retryable: boolean; readonly explanation: string }
>;

/** The code of a failure: a key of `ERRORS`, stable, safe to show and to count. */
export type ErrorCode = keyof typeof ERRORS;

/** What may be told about a failure besides its code. Never customer text, tokens or numbers. */
export type AppErrorOptions = {
  readonly cause?: unknown;
  /** Milliseconds after which a retry makes sense, where the other side said so. */
  readonly retryAfterMs?: number;
  /** Plain facts for operators, such as a vendor's error number. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
};

/** The one error class of Parley: a code from `ERRORS` and a sentence that says what happened. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }

  /** Whether the same call may succeed later by itself. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  /** The HTTP status that an API answers with. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The error itself when it is ours, otherwise an `INTERNAL` one that keeps it as its cause. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError("INTERNAL", "An unforeseen failure", { cause: error });
}
