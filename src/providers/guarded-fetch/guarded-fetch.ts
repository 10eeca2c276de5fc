import { Agent, type Dispatcher, request } from "undici";
import { AppError } from "#domain/errors.ts";
import { type AddressRule, checkUrl } from "./check-url.ts";
import { explainFetchFailure } from "./fetch-failure.ts";
import { createGuardedConnector, type Lookup } from "./guarded-connector.ts";

/** Limits of one fetch, redirects included. */
export type FetchLimits = {
  readonly connectTimeoutMs: number;
  /** Until the headers have come, of each answer. */
  readonly headersTimeoutMs: number;
  /** Longest silence inside a body. */
  readonly bodyTimeoutMs: number;
  /** From the beginning to the last byte. */
  readonly deadlineMs: number;
  /** Of the body, unpacked. */
  readonly sizeBytesMax: number;
  readonly redirectsMax: number;
};

/** 10 MB is the limit of a document; a page that takes longer than half a minute is down. */
export const FETCH_LIMITS: FetchLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 15_000,
  deadlineMs: 30_000,
  sizeBytesMax: 10 * 1024 * 1024,
  redirectsMax: 5,
};

/** Who may be reached, and how the name of a server is resolved (an input for tests). */
export type GuardedFetchSettings = AddressRule & {
  readonly limits?: Partial<FetchLimits>;
  readonly lookup?: Lookup;
};

/** What to fetch; with what its server said last time, only if it has changed since. */
export type FetchRequest = {
  readonly url: string;
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  readonly signal?: AbortSignal;
};

/** A page as its server gave it. */
export type FetchedPage = {
  readonly kind: "page";
  readonly bytes: Uint8Array;
  /** Without parameters, lower case; null where the server named none. */
  readonly mediaType: string | null;
  readonly charset: string | null;
  /** Where the page is, after redirects. */
  readonly finalUrl: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
};

/** The answer to a fetch. */
export type FetchResult = FetchedPage | { readonly kind: "unchanged" };

/** Fetches what tenants and models ask for. */
export type GuardedFetch = {
  /** @throws AppError of the PAGE_… codes, with a sentence for whoever chose the address. */
  readonly fetch: (page: FetchRequest) => Promise<FetchResult>;
  readonly close: () => Promise<void>;
};

const USER_AGENT = "Parley/1.0 (knowledge fetcher)";
const ACCEPT = "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.5";

/**
 * The one door to addresses that somebody else chose: public addresses only, checked after resolving
 * the name and on each redirect; no cookies, no credentials; bounded in time and size.
 */
export function createGuardedFetch(settings: GuardedFetchSettings): GuardedFetch {
  const limits = { ...FETCH_LIMITS, ...settings.limits };
  const dispatcher = new Agent({
    connect: createGuardedConnector(settings, limits.connectTimeoutMs),
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    maxHeaderSize: 32 * 1024,
    keepAliveTimeout: 1_000,
    pipelining: 0, // a connection for each fetch: checked when it is used
  });
  return {
    fetch: async (page) => {
      const deadline = AbortSignal.timeout(limits.deadlineMs);
      const signal =
        page.signal === undefined ? deadline : AbortSignal.any([deadline, page.signal]);
      try {
        return await follow({ dispatcher, limits, settings, signal }, page);
      } catch (error) {
        page.signal?.throwIfAborted();
        throw explainFetchFailure(error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

type Run = {
  readonly dispatcher: Dispatcher;
  readonly limits: FetchLimits;
  readonly settings: GuardedFetchSettings;
  readonly signal: AbortSignal;
};

async function follow(run: Run, page: FetchRequest): Promise<FetchResult> {
  let url = checkUrl(page.url, run.settings);
  for (let redirects = 0; redirects <= run.limits.redirectsMax; redirects += 1) {
    const answer = await request(url, {
      dispatcher: run.dispatcher,
      method: "GET",
      headers: headersFor(page),
      signal: run.signal,
    });
    const target = redirectTarget(answer, url);
    if (target === null) return readAnswer(run, answer, url);
    discard(answer);
    url = checkUrl(target, run.settings);
  }
  throw new AppError("PAGE_UNAVAILABLE", "The page only leads from one address to the next.");
}

function headersFor(page: FetchRequest): Record<string, string> {
  return {
    "user-agent": USER_AGENT,
    accept: ACCEPT,
    "accept-encoding": "identity", // so that the size limit is that of the text
    ...(page.etag == null ? {} : { "if-none-match": page.etag }),
    ...(page.lastModified == null ? {} : { "if-modified-since": page.lastModified }),
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function redirectTarget(answer: Dispatcher.ResponseData, from: URL): string | null {
  const location = header(answer, "location");
  if (!REDIRECTS.has(answer.statusCode) || location === null) return null;
  return URL.canParse(location, from.href) ? new URL(location, from).href : location;
}

async function readAnswer(
  { limits }: Run,
  answer: Dispatcher.ResponseData,
  url: URL,
): Promise<FetchResult> {
  const { statusCode } = answer;
  if (statusCode === 304) {
    discard(answer);
    return { kind: "unchanged" };
  }
  if (statusCode < 200 || statusCode > 299) {
    discard(answer);
    throw statusFailure(statusCode);
  }
  const [mediaType, charset] = parseContentType(header(answer, "content-type"));
  return {
    kind: "page",
    bytes: await readWithin(answer, limits.sizeBytesMax),
    mediaType,
    charset,
    finalUrl: url.href,
    etag: header(answer, "etag"),
    lastModified: header(answer, "last-modified"),
  };
}

function statusFailure(status: number): AppError {
  const details = { status };
  if (status === 404 || status === 410)
    return new AppError("PAGE_GONE", `There is no such page: its server answers ${status}.`, {
      details,
    });
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new AppError(
      "PAGE_UNAVAILABLE",
      `The page's server answers ${status}. It is tried again.`,
      { details },
    );
  return new AppError(
    "PAGE_REFUSED",
    `The page's server answers ${status}: it may want a sign-in. Make the page public, or upload it as a file.`,
    { details },
  );
}

/** The body's bytes; leaving the loop early destroys the stream, and with it the connection. */
async function readWithin(
  answer: Dispatcher.ResponseData,
  sizeBytesMax: number,
): Promise<Uint8Array> {
  if (Number(header(answer, "content-length") ?? 0) > sizeBytesMax) {
    discard(answer);
    throw tooLarge(sizeBytesMax);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const body: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMax) throw tooLarge(sizeBytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

function tooLarge(sizeBytesMax: number): AppError {
  const megabytes = Math.round(sizeBytesMax / (1024 * 1024));
  return new AppError(
    "PAGE_TOO_LARGE",
    `The page is larger than ${megabytes} MB, the limit of a document.`,
  );
}

function parseContentType(
  value: string | null,
): readonly [mediaType: string | null, charset: string | null] {
  if (value === null) return [null, null];
  const charset = /;\s*charset=\s*"?([\w:.-]{1,40})/i.exec(value)?.[1]?.toLowerCase() ?? null;
  const mediaType = value.split(";")[0]?.trim().toLowerCase().slice(0, 200) ?? "";
  return [mediaType === "" ? null : mediaType, charset];
}

/** Ends the connection; without a listener, undici's word about that would end the process. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on("error", () => {}).destroy();
}

/** Validators go back to the server and into the database: no longer than any sensible one. */
const HEADER_LENGTH_MAX = 4_000;

function header({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined || text.length > HEADER_LENGTH_MAX ? null : text;
}
