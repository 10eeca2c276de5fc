import { Agent, request, type Dispatcher } from "undici";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { MediaReason } from "#domain/media.ts";
import type { WhatsAppSender } from "#domain/outbound.ts";
import type { GraphAnswer } from "./graph-answers.ts";
import type { GraphApi } from "./graph-api.ts";

/** A file that a customer sent. */
export type MediaRequest = {
  readonly sender: WhatsAppSender;
  /** Meta's id of the file; valid for seven days. */
  readonly mediaId: string;
  readonly sizeBytesMax: number;
  readonly signal: AbortSignal;
};

/** The file, or why there is none. */
export type MediaAnswer =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly reason: MediaReason };

/** Fetches files of customers. */
export type MediaDownload = {
  /** Never throws but the signal's reason: a file that cannot be had is no failed turn. */
  readonly fetch: (media: MediaRequest) => Promise<MediaAnswer>;
  readonly close: () => Promise<void>;
};

/** Where the Graph API is, and how long one call may take. */
export type MediaDownloadOptions = {
  readonly graphApiBaseUrl: string;
  readonly graphApiVersion: string;
  readonly timeoutMs: number;
};

/** Servers that Meta keeps files on. The access token goes nowhere else. */
const HOSTS_OF_META = [/^lookaside\.fbsbx\.com$/, /\.fbcdn\.net$/, /\.whatsapp\.net$/];
const GRAPH_HOST_OF_META = "graph.facebook.com";
const REDIRECTS_MAX = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** An address lives for five minutes: one that has just been given is asked for once more. */
const ADDRESSES_MAX = 2;

/** Meta writes the size as a text. */
const MediaAddress = z.object({
  url: z.string().min(1),
  file_size: z.coerce.number().optional().catch(undefined),
});

/** Opens no connection before the first file. */
export function createMediaDownload(
  graphApi: Pick<GraphApi, "ask">,
  options: MediaDownloadOptions,
): MediaDownload {
  const agent = new Agent({ headersTimeout: options.timeoutMs, bodyTimeout: options.timeoutMs });
  const run: Run = { graphApi, options, agent };
  return {
    fetch: async (media) => {
      try {
        return await fetchMedia(run, media);
      } catch (error) {
        media.signal.throwIfAborted();
        return { kind: "refused", reason: explain(error) };
      }
    },
    close: () => agent.close(),
  };
}

type Run = {
  readonly graphApi: Pick<GraphApi, "ask">;
  readonly options: MediaDownloadOptions;
  readonly agent: Agent;
};

async function fetchMedia(run: Run, media: MediaRequest): Promise<MediaAnswer> {
  for (let address = 1; address <= ADDRESSES_MAX; address += 1) {
    const { url, file_size: sizeBytes } = await askForAddress(run, media);
    if (sizeBytes !== undefined && sizeBytes > media.sizeBytesMax)
      return { kind: "refused", reason: "too-large" };
    const answer = await download(run, media, url);
    if (answer !== "expired") return answer;
  }
  return { kind: "refused", reason: "gone" };
}

function askForAddress({ graphApi, options }: Run, { sender, mediaId, signal }: MediaRequest) {
  const { phoneNumberId, accessToken } = sender;
  const node = `/${options.graphApiVersion}/${encodeURIComponent(mediaId)}`;
  return graphApi.ask({
    request: {
      method: "GET",
      path: `${node}?phone_number_id=${encodeURIComponent(phoneNumberId)}`,
      accessToken,
      signal,
    },
    route: { phoneNumberId },
    read: readAddress,
  });
}

function readAddress({ body }: GraphAnswer): z.infer<typeof MediaAddress> | undefined {
  try {
    return MediaAddress.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

async function download(
  { agent, options }: Run,
  { sender, sizeBytesMax, signal }: MediaRequest,
  address: string,
): Promise<MediaAnswer | "expired"> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  let url = address;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    if (!isOfMeta(url, options.graphApiBaseUrl)) return { kind: "refused", reason: "foreign-host" };
    const answer = await request(url, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${sender.accessToken}`, "user-agent": "Parley/1.0" },
      signal: limit,
    });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return readWithin(answer, sizeBytesMax);
    answer.body.on("error", () => {}).destroy();
    const { location } = answer.headers;
    if (REDIRECTS.has(statusCode) && typeof location === "string" && URL.canParse(location, url)) {
      url = new URL(location, url).href;
      continue;
    }
    if (statusCode === 404 || statusCode === 410) return "expired";
    const passes = statusCode === 408 || statusCode === 429 || statusCode >= 500;
    return { kind: "refused", reason: passes ? "unavailable" : "refused" };
  }
  return { kind: "refused", reason: "unavailable" };
}

/** Meta's own servers by TLS; a simulator or proxy that stands in for Meta may serve its own files. */
function isOfMeta(address: string, graphApiBaseUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const graphApi = new URL(graphApiBaseUrl);
  if (graphApi.hostname !== GRAPH_HOST_OF_META && url.origin === graphApi.origin) return true;
  const isPlain = url.protocol === "https:" && url.port === "" && url.username === "";
  return isPlain && HOSTS_OF_META.some((host) => host.test(url.hostname));
}

/** The bytes; leaving the loop early destroys the stream, and with it the connection. */
async function readWithin(
  answer: Dispatcher.ResponseData,
  sizeBytesMax: number,
): Promise<MediaAnswer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const body: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMax) return { kind: "refused", reason: "too-large" };
    chunks.push(chunk);
  }
  return { kind: "file", bytes: Buffer.concat(chunks, sizeBytes) };
}

/** Meta's numbers for an id that leads to nothing (any more). */
const NO_SUCH_FILE: readonly unknown[] = [33, 100];

/** Meta's word that there is no such file, a refusal that stays, or something that passes. */
function explain(error: unknown): MediaReason {
  if (!(error instanceof AppError)) return "unavailable";
  if (NO_SUCH_FILE.includes(error.details["metaCode"])) return "gone";
  return error.retryable ? "unavailable" : "refused";
}
