import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import { untilAborted } from "#platform/until-aborted.ts";
import type { GuardedAnswer, GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import type { Authorization } from "./authorization.ts";

/** Who asks which server for an access token. */
export type ClientCredentials = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether the secret is sent as basic authentication, which every server must know, or as a field. */
  readonly secretIn: "header" | "body";
  /** Further fields, such as `scope`, `audience` or `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** Fetches access tokens with OAuth's grant for machines (RFC 6749, 4.4), and keeps them while they last. */
export type TokenCache = {
  readonly authorization: (credentials: ClientCredentials) => Authorization;
};

type Token = { readonly value: string; readonly expiresAtMs: number };

/** A token that ends while its request travels is of no use; of a short life half is used. */
const EXPIRY_MARGIN_MS = 30_000;
/** Of a server that does not say how long its tokens last. */
const USUAL_LIFE_MS = 300_000;
const FETCH_TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** Tokens kept; the oldest is forgotten first. */
const TOKENS_MAX = 1_000;

/** Tokens are in memory only. */
export function createTokenCache(deps: {
  readonly requests: GuardedRequests;
  readonly clock: Pick<Clock, "monotonicMs">;
}): TokenCache {
  const tokens = new Map<string, Promise<Token>>();
  const obtain = (key: string, credentials: ClientCredentials): Promise<Token> => {
    const known = tokens.get(key);
    if (known !== undefined) return known;
    const fetched = fetchToken(deps, credentials);
    tokens.set(key, fetched);
    fetched.catch(() => forget(key, fetched));
    const oldest = tokens.keys().next().value;
    if (tokens.size > TOKENS_MAX && oldest !== undefined) tokens.delete(oldest);
    return fetched;
  };
  const forget = (key: string, token: Promise<Token>) => {
    if (tokens.get(key) === token) tokens.delete(key);
  };
  return {
    authorization: (credentials) => {
      const key = keyOf(credentials);
      const get = async (signal: AbortSignal): Promise<string> => {
        const token = obtain(key, credentials);
        const { value, expiresAtMs } = await untilAborted(token, signal);
        if (expiresAtMs > deps.clock.monotonicMs()) return `Bearer ${value}`;
        forget(key, token);
        return `Bearer ${(await untilAborted(obtain(key, credentials), signal)).value}`;
      };
      return {
        get,
        renew: async (refused, signal) => {
          const token = tokens.get(key);
          // Somebody else may have fetched a new one meanwhile.
          if (token !== undefined && refused === `Bearer ${(await token).value}`)
            forget(key, token);
          return get(signal);
        },
      };
    },
  };
}

function keyOf(credentials: ClientCredentials): string {
  const { tokenUrl, clientId, clientSecret, secretIn, parameters } = credentials;
  const all = JSON.stringify([tokenUrl, clientId, clientSecret, secretIn, parameters]);
  return createHash("sha256").update(all).digest("base64url");
}

const Answer = z.looseObject({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().min(0).optional().catch(undefined),
});

async function fetchToken(
  { requests, clock }: Parameters<typeof createTokenCache>[0],
  credentials: ClientCredentials,
): Promise<Token> {
  const startedAtMs = clock.monotonicMs();
  const answer = await requests
    .send({
      url: credentials.tokenUrl,
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
        ...(credentials.secretIn === "header" ? { authorization: basic(credentials) } : {}),
      },
      body: bodyOf(credentials),
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    })
    .catch((cause: unknown) => {
      if (cause instanceof AppError && cause.code === "TOOL_MISCONFIGURED") throw cause;
      throw unavailable(cause);
    });
  const { access_token: value, expires_in: lifeSeconds } = await readToken(answer);
  const lifeMs = lifeSeconds === undefined ? USUAL_LIFE_MS : lifeSeconds * 1_000;
  return { value, expiresAtMs: startedAtMs + Math.max(lifeMs - EXPIRY_MARGIN_MS, lifeMs / 2) };
}

async function readToken(answer: GuardedAnswer): Promise<z.infer<typeof Answer>> {
  const text = await answer.text(ANSWER_BYTES_MAX).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  const { status } = answer;
  if (status >= 500 || status === 429) throw unavailable(undefined);
  if (status !== 200)
    throw new AppError(
      "TOOL_CREDENTIALS_REFUSED",
      `The authorization server gives no token: it answers ${status}.`,
      { details: { status } },
    );
  const parsed = Answer.safeParse(parseJson(text)).data;
  if (parsed === undefined)
    throw new AppError("TOOL_MISCONFIGURED", "The authorization server answers without a token.");
  return parsed;
}

/** In the form that every authorization server must understand (RFC 6749, 2.3.1). */
function basic({ clientId, clientSecret }: ClientCredentials): string {
  const pair = `${encodeForm(clientId)}:${encodeForm(clientSecret)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

const encodeForm = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

function bodyOf({ clientId, clientSecret, secretIn, parameters }: ClientCredentials): string {
  return new URLSearchParams({
    ...parameters,
    grant_type: "client_credentials",
    ...(secretIn === "body" ? { client_id: clientId, client_secret: clientSecret } : {}),
  }).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError("TOOL_UNAVAILABLE", "The authorization server cannot be reached.", { cause });
}
