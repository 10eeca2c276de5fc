import type { FastifyReply, FastifyRequest } from "fastify";
import type { Media } from "../media-store.ts";

/**
 * Sends a file to the page, in parts where it asks for parts: a browser knows the length of a recording
 * only when it may look at its end.
 */
export function sendFile(media: Media, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const bytes = Buffer.from(media.bytes);
  void reply
    .type(media.mimeType)
    .header("accept-ranges", "bytes")
    // Never shown as a page of this origin, whatever the type says.
    .header("content-security-policy", "sandbox; default-src 'none'")
    .header("x-content-type-options", "nosniff");
  const range = parseRange(request.headers.range, bytes.length);
  if (range === undefined) return reply.send(bytes);
  const { start, end } = range;
  return reply
    .code(206)
    .header("content-range", `bytes ${start}-${end}/${bytes.length}`)
    .send(bytes.subarray(start, end + 1));
}

/** One part with a known beginning, which is all that media players ask for. */
function parseRange(
  header: string | undefined,
  length: number,
): { readonly start: number; readonly end: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = Math.min(last === undefined || last === "" ? length - 1 : Number(last), length - 1);
  return start <= end ? { start, end } : undefined;
}
