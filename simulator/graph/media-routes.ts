import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { World } from "../world.ts";
import { sendGraphError } from "./apply-fault.ts";
import { authorize, hasToken, unknownObject, VERSION } from "./authorize.ts";
import { graphError, tokenError } from "./graph-error.ts";
import { parseMultipart } from "./parse-multipart.ts";

const MEGABYTE = 1024 * 1024;

/** Meta's largest file: documents of 100 MB, and some room for the multipart frame. */
const UPLOAD_BYTES_MAX = 101 * MEGABYTE;

/** Serves upload, download and deletion of files. */
export function registerMediaRoutes(app: FastifyInstance, world: World): void {
  app.post(`${VERSION}/:phoneNumberId/media`, { bodyLimit: UPLOAD_BYTES_MAX }, (request, reply) =>
    handleUpload(world, request, reply),
  );
  app.get(`${VERSION}/media-download/:id`, (request, reply) =>
    handleDownload(world, request, reply),
  );
  app.delete(`${VERSION}/:id`, (request, reply) => handleDelete(world, request, reply));
}

async function handleUpload(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  if (authorize(world, request, reply) === undefined) return reply;
  const upload = await parseMultipart(request.body, request.headers["content-type"]);
  if (upload?.file === undefined || upload.fields["messaging_product"] !== "whatsapp") {
    sendGraphError(reply, graphError(400, 131_008, "messaging_product and file are required."));
    return reply;
  }
  const mimeType = upload.fields["type"] ?? upload.file.mimeType;
  const limit = LIMITS.find(({ types }) => types.test(mimeType));
  if (limit === undefined) {
    sendGraphError(
      reply,
      graphError(
        400,
        100,
        `Param file must be a file with one of the supported types, not ${mimeType}.`,
      ),
    );
    return reply;
  }
  if (upload.file.bytes.byteLength > limit.megabytesMax * MEGABYTE) {
    sendGraphError(
      reply,
      graphError(400, 131_053, `The file is larger than ${limit.megabytesMax} MB.`),
    );
    return reply;
  }
  return { id: world.media.add({ ...upload.file, mimeType }).id };
}

function handleDownload(world: World, request: FastifyRequest, reply: FastifyReply): unknown {
  if (!hasToken(request)) {
    sendGraphError(reply, tokenError());
    return reply;
  }
  const { id } = z.object({ id: z.string() }).parse(request.params);
  const { ext, fault } = z
    .object({ ext: z.coerce.number().default(0), fault: z.string().optional() })
    .parse(request.query);
  const media = world.media.find(id);
  if (media === undefined || ext < world.now())
    return reply.code(404).type("text/plain").send("Not Found");
  if (fault === "server-error") return reply.code(500).type("text/plain").send("Sorry");
  const bytes = Buffer.from(media.bytes);
  return reply
    .type(media.mimeType)
    .send(fault === "altered" ? Buffer.concat([bytes, Buffer.from([0])]) : bytes);
}

function handleDelete(world: World, request: FastifyRequest, reply: FastifyReply): unknown {
  if (!hasToken(request)) {
    sendGraphError(reply, tokenError());
    return reply;
  }
  const { id } = z.object({ id: z.string() }).parse(request.params);
  if (world.media.remove(id)) return { success: true };
  sendGraphError(reply, unknownObject(id));
  return reply;
}

const LIMITS = [
  { types: /^image\/(jpeg|png)$/u, megabytesMax: 5 },
  { types: /^image\/webp$/u, megabytesMax: 0.5 },
  { types: /^audio\/(aac|amr|mpeg|mp4|ogg)(;.*)?$/u, megabytesMax: 16 },
  { types: /^video\/(mp4|3gpp)$/u, megabytesMax: 16 },
  {
    types:
      /^(text\/plain|application\/(pdf|msword|vnd\.(ms-excel|ms-powerpoint|openxmlformats-officedocument\..+)))$/u,
    megabytesMax: 100,
  },
];
