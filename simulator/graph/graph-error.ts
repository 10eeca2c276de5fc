import { randomBytes } from "node:crypto";

/** An error answer of the Graph API: HTTP status and body. */
export type GraphError = { readonly status: number; readonly body: GraphErrorBody };

/** The body, field by field as Meta writes it. */
export type GraphErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: number;
    readonly error_data?: { readonly messaging_product: "whatsapp"; readonly details: string };
    readonly fbtrace_id: string;
  };
};

/** Builds an error in Meta's shape; the title is looked up by the code. */
export function graphError(status: number, code: number, details?: string): GraphError {
  return {
    status,
    body: {
      error: {
        message: `(#${code}) ${titleOf(code)}`,
        type: "OAuthException",
        code,
        ...(details === undefined
          ? {}
          : { error_data: { messaging_product: "whatsapp", details } }),
        fbtrace_id: createTraceId(),
      },
    },
  };
}

/** Meta's answer to a token that is missing, wrong or expired. */
export function tokenError(): GraphError {
  return {
    status: 401,
    body: {
      error: {
        message: "Invalid OAuth access token - Cannot parse access token",
        type: "OAuthException",
        code: 190,
        fbtrace_id: createTraceId(),
      },
    },
  };
}

/** The title Meta gives an error code; also used in failed statuses. */
export function titleOf(code: number): string {
  return TITLES[code] ?? "Something went wrong";
}

function createTraceId(): string {
  return `A${randomBytes(17).toString("base64url").slice(0, 22)}`;
}

const TITLES: Readonly<Record<number, string>> = {
  1: "An unknown error occurred",
  2: "Service temporarily unavailable",
  33: "Object does not exist",
  100: "Invalid parameter",
  130_429: "Rate limit hit",
  131_000: "Something went wrong",
  131_008: "Required parameter is missing",
  131_009: "Parameter value is not valid",
  131_026: "Message undeliverable",
  131_047: "Re-engagement message",
  131_052: "Media download error",
  131_053: "Media upload error",
  131_056: "(Business Account, Consumer Account) pair rate limit hit",
};
