import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { PhoneNumber } from "../directory.ts";
import type { World } from "../world.ts";
import { applyDelay, applyGraphFault, dropConnection, sendGraphError } from "./apply-fault.ts";
import { authorize, hasToken, mayUse, unknownObject, VERSION } from "./authorize.ts";
import { graphError, tokenError } from "./graph-error.ts";
import { registerMediaRoutes } from "./media-routes.ts";
import { readMarkSchema } from "./outbound-schema.ts";
import { sendMessage, TYPING_MS } from "./send-message.ts";

/** Serves the part of Meta's Graph API that a business uses to send. */
export function registerGraphRoutes(app: FastifyInstance, world: World): void {
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    sendGraphError(reply, graphError(error.statusCode ?? 500, 100, error.message));
  });
  app.post(`${VERSION}/:phoneNumberId/messages`, (request, reply) =>
    handleMessages(world, request, reply),
  );
  app.get(`${VERSION}/:id`, (request, reply) => handleLookUp(world, request, reply));
  registerMediaRoutes(app, world);
}

async function handleMessages(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const isReadMark = z.looseObject({ status: z.string() }).safeParse(request.body).success;
  const { graph } = world.faults.current();
  const suffers = !isReadMark || graph.appliesTo === "everything";
  const fault = suffers ? world.faults.takeGraphFault() : undefined;
  await applyDelay(world, suffers ? graph.delayMs : 0);
  if (applyGraphFault(reply, fault)) return reply;
  const number = authorize(world, request, reply);
  if (number === undefined) return reply;
  if (isReadMark) return handleReadMark(world, request, reply);
  const outcome = await sendMessage(world, number, request.body);
  if (fault === "drop-after") {
    dropConnection(reply);
    return reply;
  }
  if ("error" in outcome) {
    sendGraphError(reply, outcome.error);
    return reply;
  }
  return outcome.answer;
}

function handleReadMark(world: World, request: FastifyRequest, reply: FastifyReply): unknown {
  const parsed = readMarkSchema.safeParse(request.body);
  if (!parsed.success) {
    sendGraphError(reply, graphError(400, 131_009, z.prettifyError(parsed.error)));
    return reply;
  }
  const { message_id: messageId, typing_indicator: typing } = parsed.data;
  const chat = world.chats.find(messageId);
  if (chat === undefined) {
    sendGraphError(reply, graphError(400, 131_009, "message_id: there is no such message."));
    return reply;
  }
  const { phoneNumberId, customerId } = chat;
  const atMs = world.now();
  world.chats.markRead(messageId);
  world.outbox.addRead({
    messageId,
    phoneNumberId,
    customerId,
    typing: typing !== undefined,
    atMs,
  });
  if (typing !== undefined) {
    world.typing.start({ phoneNumberId, customerId, untilMs: atMs + TYPING_MS });
  }
  return { success: true };
}

/** One route for both kinds of id, as at Meta: a business number's health, or a file's address. */
function handleLookUp(world: World, request: FastifyRequest, reply: FastifyReply): unknown {
  if (!hasToken(request)) {
    sendGraphError(reply, tokenError());
    return reply;
  }
  const { id, version } = z.object({ id: z.string(), version: z.string() }).parse(request.params);
  const number = world.directory.findNumber(id);
  if (number !== undefined) {
    if (!mayUse(number, request)) {
      sendGraphError(reply, tokenError());
      return reply;
    }
    const { fields } = z.object({ fields: z.string().optional() }).parse(request.query);
    return pickFields(describeNumber(world, number), fields);
  }
  const media = world.media.find(id);
  if (media === undefined) {
    sendGraphError(reply, unknownObject(id));
    return reply;
  }
  return {
    messaging_product: "whatsapp",
    url: addressOf(world, { origin: `${request.protocol}://${request.host}`, version, id }),
    mime_type: media.mimeType,
    sha256: media.sha256,
    file_size: String(media.bytes.byteLength),
    id,
  };
}

/** Where a file can be had; the address carries the fault that it is to meet. */
function addressOf(
  world: World,
  file: { readonly origin: string; readonly version: string; readonly id: string },
): string {
  const fault = world.faults.takeMediaFault();
  const expiresAtMs = fault === "expired-address" ? 0 : world.now() + MEDIA_URL_MS;
  const origin = fault === "foreign-address" ? FOREIGN_ORIGIN : file.origin;
  const url = new URL(`${origin}/${file.version}/media-download/${file.id}`);
  url.searchParams.set("ext", String(expiresAtMs));
  if (fault !== undefined) url.searchParams.set("fault", fault);
  return url.href;
}

/** A server that is none of Meta's; nobody listens there. */
const FOREIGN_ORIGIN = "http://127.0.0.1:9";

/** A media address lives for five minutes. */
const MEDIA_URL_MS = 5 * 60 * 1000;

function describeNumber(world: World, number: PhoneNumber): Record<string, unknown> {
  return {
    verified_name: number.displayName,
    display_phone_number: number.displayPhoneNumber,
    code_verification_status: "VERIFIED",
    quality_rating: "GREEN",
    platform_type: "CLOUD_API",
    throughput: { level: "STANDARD" },
    webhook_configuration: { application: number.webhookUrl ?? world.settings.webhookUrl },
    id: number.phoneNumberId,
  };
}

function pickFields(
  whole: Record<string, unknown>,
  fields: string | undefined,
): Record<string, unknown> {
  if (fields === undefined) return whole;
  const wanted = new Set([...fields.split(","), "id"]);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name)));
}
