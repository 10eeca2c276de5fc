import type { ErrorCode } from "#domain/errors.ts";

/**
 * Whom a failure makes wait: `pair` this person only, `number` everybody behind the WhatsApp
 * number for seconds, `app` for minutes because a quota of the whole app is used up, `maintenance`
 * while Meta moves the number to another throughput.
 */
export type PauseKind = "pair" | "number" | "app" | "maintenance";

/** What an error number of Meta means to us; `AppError.retryable` follows from the code. */
export type MetaErrorRule = {
  readonly errorCode: ErrorCode;
  /** In words, for operators: the second half of a sentence, without anything personal. */
  readonly meaning: string;
  readonly pause?: PauseKind;
};

/**
 * Meta's error numbers that can meet a sender, in the order of Meta's own page. They arrive in the
 * HTTP answer and, later, in status webhooks. Source: developers.facebook.com, WhatsApp error codes.
 */
export const META_ERRORS: Readonly<Record<number, MetaErrorRule>> = {
  // Access
  0: tokenInvalid("the access token cannot be authenticated"),
  190: tokenInvalid("the access token expired or was revoked"),
  3: permissionDenied("the app may not use this method"),
  10: permissionDenied("the permission is missing or was removed"),
  131005: permissionDenied("access is denied"),

  // Passing trouble at Meta
  1: unavailable("the request or Meta's server has an unknown problem"),
  2: unavailable("the service is temporarily down"),
  131000: unavailable("Meta met an unknown problem"),
  131016: unavailable("the service is overloaded"),
  133004: unavailable("the server is temporarily unavailable"),
  131057: { ...unavailable("the number is in maintenance"), pause: "maintenance" },
  2494100: { ...unavailable("the number is in maintenance"), pause: "maintenance" },

  // Limits
  4: { ...rateLimited("the app made too many calls"), pause: "app" },
  80007: { ...rateLimited("the business account made too many calls"), pause: "app" },
  130429: { ...rateLimited("the number sends too fast"), pause: "number" },
  131056: {
    errorCode: "WHATSAPP_PAIR_RATE_LIMITED",
    meaning: "too many messages to the same person in a short time",
    pause: "pair",
  },

  // Account and number
  33: restricted("the number was deleted or its id is wrong"),
  368: restricted("the account is blocked for a policy violation"),
  130497: restricted("the account may not write to people of this country"),
  131031: restricted("the account is locked"),
  131037: restricted("the number has no approved display name"),
  131042: restricted("there is a problem with the payment method"),
  131045: restricted("the number's registration failed"),
  131048: restricted("the number may not send because of spam reports or low quality"),
  131064: restricted("templates were put into wrong categories too often"),
  133000: restricted("an earlier deregistration failed"),
  133005: restricted("the two-step PIN is wrong"),
  133006: restricted("the number is not verified"),
  133008: restricted("the two-step PIN was wrong too often"),
  133009: restricted("the two-step PIN was entered too fast"),
  133010: restricted("the number is not registered"),
  133015: restricted("the number was deleted a moment ago"),
  133016: restricted("the number was registered too often"),
  134011: restricted("the terms of WhatsApp payments are not accepted"),

  // The person
  130403: unreachable("the business blocked this person"),
  130472: unreachable("the person is part of an experiment of Meta without marketing"),
  131026: unreachable("the message cannot be delivered to this person"),
  131030: unreachable("the person is not on the list of allowed recipients of a test number"),
  131049: unreachable("Meta withholds marketing from this person"),
  131050: unreachable("the person stopped marketing"),
  131047: {
    errorCode: "WHATSAPP_WINDOW_CLOSED",
    meaning: "the person's last message is older than 24 hours",
  },

  // The message
  100: rejected("a parameter is wrong"),
  131008: rejected("a parameter is missing"),
  131009: rejected("a parameter's value is wrong"),
  131021: rejected("sender and recipient are the same"),
  131051: rejected("the message type is unsupported"),
  131052: rejected("the person's media cannot be downloaded"),
  131053: rejected("our media cannot be used"),
  131062: rejected("this message needs a phone number instead of a user id"),
  131063: rejected("marketing is disabled on the Cloud API"),
  135000: rejected("the message has an unknown fault"),
  132000: rejected("the number of template parameters is wrong"),
  132001: rejected("the template does not exist in this language"),
  132005: rejected("the translated template is too long"),
  132007: rejected("the template breaks a policy"),
  132012: rejected("a template parameter has a wrong format"),
  132015: rejected("the template is paused"),
  132016: rejected("the template is disabled"),
  132068: rejected("the flow is blocked"),
  132069: rejected("the flow is throttled"),
};

/** Where an error number was read: status webhooks have no HTTP status, edge servers no number. */
export type MetaFailure = {
  readonly metaCode?: number | undefined;
  readonly httpStatus?: number | undefined;
};

/**
 * The rule of a failure. Numbers that Meta adds later are judged by the class of the HTTP status
 * alone, which says too little for more than that.
 */
export function metaErrorRule({ metaCode, httpStatus }: MetaFailure): MetaErrorRule {
  const known = metaCode === undefined ? undefined : META_ERRORS[metaCode];
  if (known !== undefined) return known;
  // The whole range means permissions: 200 is "you do not have the necessary permissions".
  if (metaCode !== undefined && metaCode >= 200 && metaCode <= 299) {
    return permissionDenied("a permission is missing");
  }
  if (httpStatus === 429) return { ...rateLimited("Meta asks to slow down"), pause: "number" };
  // 408 means that the request did not arrive whole; a redirection comes from something before Meta.
  const isRefusal = httpStatus === undefined || (httpStatus >= 400 && httpStatus < 500);
  if (!isRefusal || httpStatus === 408) return unavailable("the service is down");
  return rejected("an error that Parley does not know");
}

function tokenInvalid(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_TOKEN_INVALID", meaning };
}

function permissionDenied(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_PERMISSION_DENIED", meaning };
}

function unavailable(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_UNAVAILABLE", meaning };
}

function rateLimited(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_RATE_LIMITED", meaning };
}

function restricted(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_ACCOUNT_RESTRICTED", meaning };
}

function unreachable(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_RECIPIENT_UNREACHABLE", meaning };
}

function rejected(meaning: string): MetaErrorRule {
  return { errorCode: "WHATSAPP_REQUEST_REJECTED", meaning };
}
