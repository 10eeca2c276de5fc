import { AppError } from "#domain/errors.ts";
import { readRefusal } from "./graph-answers.ts";
import type { GraphAnswer } from "./graph-answers.ts";
import { createGraphTransport } from "./graph-transport.ts";
import type { GraphExchange, GraphRequest, GraphTransportOptions } from "./graph-transport.ts";
import { createSendPacing } from "./send-pacing.ts";
import type { SendPacingOptions, SendRoute } from "./send-pacing.ts";

/** The Graph API as it is called: a success comes back, everything else is an `AppError`. */
export type GraphApi = {
  /** Sends a message. `WHATSAPP_OUTCOME_UNKNOWN` when it may have arrived. */
  readonly send: <Result>(call: GraphCall<Result>) => Promise<Result>;
  /** Asks for something that does no harm twice: a lost answer is `WHATSAPP_UNAVAILABLE`. */
  readonly ask: <Result>(call: GraphCall<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
};

/** A call, whom it concerns, and how its success is read. */
export type GraphCall<Result> = {
  readonly request: GraphRequest;
  readonly route: SendRoute;
  /** Nothing when the answer does not say what it should. */
  readonly read: (answer: GraphAnswer) => Result | undefined;
};

/** Joins the connections with the memory of Meta's limits. */
export function createGraphApi(options: GraphTransportOptions & SendPacingOptions): GraphApi {
  const transport = createGraphTransport(options);
  const pacing = createSendPacing(options);

  async function call<Result>({ request, route, read }: GraphCall<Result>): Promise<Result> {
    requireUsableToken(request.accessToken);
    pacing.check(route);
    const answer = requireAnswer(await transport.exchange(request));
    const refusal = readRefusal(answer);
    if (refusal?.pause !== undefined) {
      throw withRetryAfter(refusal.error, pacing.refused(route, refusal.pause));
    }
    if (refusal !== undefined) throw refusal.error;
    const result = read(answer);
    if (result !== undefined) return result;
    throw new AppError("WHATSAPP_OUTCOME_UNKNOWN", "Meta's answer to a success is unreadable", {
      details: { httpStatus: answer.status },
    });
  }

  return {
    async send(message) {
      const result = await call(message);
      pacing.succeeded(message.route);
      return result;
    },
    async ask(question) {
      try {
        return await call(question);
      } catch (error) {
        throw isOutcomeUnknown(error) ? toUnavailable(error) : error;
      }
    },
    close: () => transport.close(),
  };
}

/** A token with other characters cannot stand in a header, and so cannot be one of Meta's. */
function requireUsableToken(accessToken: string): void {
  if (/^[\x21-\x7e]+$/.test(accessToken)) return;
  throw new AppError("WHATSAPP_TOKEN_INVALID", "The access token is empty or has odd characters");
}

function requireAnswer(exchange: GraphExchange): GraphAnswer {
  switch (exchange.kind) {
    case "answered":
      return exchange;
    case "not-sent":
      throw new AppError("WHATSAPP_UNAVAILABLE", "The Graph API cannot be reached", {
        cause: exchange.cause,
      });
    case "broken":
      throw new AppError("WHATSAPP_OUTCOME_UNKNOWN", "The connection to the Graph API broke", {
        cause: exchange.cause,
      });
  }
}

function withRetryAfter(error: AppError, pauseMs: number): AppError {
  return new AppError(error.code, error.message, {
    details: error.details,
    retryAfterMs: Math.max(pauseMs, error.retryAfterMs ?? 0),
  });
}

function isOutcomeUnknown(error: unknown): error is AppError {
  return error instanceof AppError && error.code === "WHATSAPP_OUTCOME_UNKNOWN";
}

function toUnavailable({ message, cause, details }: AppError): AppError {
  return new AppError("WHATSAPP_UNAVAILABLE", message, { cause, details });
}
