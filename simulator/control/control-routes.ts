import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  businessPhoneSends,
  customerSends,
  customerSendSchema,
  type CustomerSent,
} from "../customers/customer-sends.ts";
import { customerInputSchema, phoneNumberInputSchema } from "../directory.ts";
import { settingsPatchSchema, settingsSchema } from "../settings.ts";
import { resetWorld, type World } from "../world.ts";
import { deliverRaw, rawDeliverySchema } from "./deliver-raw.ts";
import { sendFile } from "./send-file.ts";
import { takeSnapshot } from "./snapshot.ts";
import { streamEvents } from "./stream-events.ts";

const logQuerySchema = z.object({
  /** Only entries after this one; they are numbered from 1. */
  after: z.coerce.number().int().min(0).default(0),
  /** Answer only when the whole log holds this many, or the time is over. */
  atLeast: z.coerce.number().int().min(0).default(0),
  timeoutMs: z.coerce.number().int().min(0).max(300_000).default(30_000),
});

/** The JSON API below `/sim` that the page, benches and tests in other processes use. */
export function registerControlRoutes(app: FastifyInstance, world: World): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    void reply.code(error.statusCode ?? 400).send({ error: message });
  });
  app.get("/sim/health", () => ({ ok: true }));
  app.get("/sim/state", () => takeSnapshot(world));
  app.get("/sim/events", (request, reply) => streamEvents(world, request, reply));
  registerDirectory(app, world);
  registerSending(app, world);
  registerLogs(app, world);
  app.get("/sim/faults", () => world.faults.current());
  app.post("/sim/faults", (request) => world.faults.set(request.body));
  app.delete("/sim/faults", () => world.faults.clear());
  app.post("/sim/settings", (request) => {
    world.settings = settingsSchema.parse({
      ...world.settings,
      ...settingsPatchSchema.parse(request.body),
    });
    // Not the settings themselves: the app secret stays here.
    return { ok: true };
  });
  app.post("/sim/reset", () => {
    resetWorld(world);
    return { ok: true };
  });
  app.get("/sim/media/:id", (request, reply) => {
    const { id } = z.object({ id: z.string() }).parse(request.params);
    const media = world.media.find(id);
    if (media === undefined) return reply.code(404).send({ error: "There is no such file." });
    return sendFile(media, request, reply);
  });
}

function registerDirectory(app: FastifyInstance, world: World): void {
  app.get("/sim/numbers", () => takeSnapshot(world).numbers);
  app.post("/sim/numbers", (request) => {
    const { phoneNumberId } = world.directory.putNumber(phoneNumberInputSchema.parse(request.body));
    return { phoneNumberId };
  });
  app.get("/sim/customers", () => world.directory.customers());
  app.post("/sim/customers", (request) =>
    world.directory.putCustomer(customerInputSchema.parse(request.body)),
  );
}

const waitSchema = z.object({ wait: z.enum(["no", "acknowledged"]).default("no") });

function registerSending(app: FastifyInstance, world: World): void {
  const answer = async (query: unknown, sent: CustomerSent) => {
    const { wait } = waitSchema.parse(query);
    const { messageIds } = sent;
    return wait === "no" ? { messageIds } : { messageIds, delivery: await sent.acknowledged };
  };
  app.post("/sim/send", (request) => {
    const single = customerSendSchema.safeParse(request.body);
    if (single.success) return answer(request.query, customerSends(world, [single.data]));
    if (!Array.isArray(request.body)) throw single.error;
    return answer(
      request.query,
      customerSends(world, z.array(customerSendSchema).min(1).parse(request.body)),
    );
  });
  app.post("/sim/echo", (request) => {
    const input = z
      .strictObject({ phoneNumberId: z.string(), customerId: z.string(), text: z.string().min(1) })
      .parse(request.body);
    return answer(request.query, businessPhoneSends(world, input));
  });
  app.post("/sim/raw", (request) => deliverRaw(world, rawDeliverySchema.parse(request.body)));
}

function registerLogs(app: FastifyInstance, world: World): void {
  const logs = {
    sent: world.outbox.sent,
    reads: world.outbox.reads,
    models: world.models.requests,
    deliveries: world.webhooks.deliveries,
  };
  for (const [name, read] of Object.entries(logs)) {
    app.get(`/sim/${name}`, async (request) => {
      const { after, atLeast, timeoutMs } = logQuerySchema.parse(request.query);
      await world.events
        .waitFor(() => read().length >= atLeast, {
          timeoutMs,
          what: `${atLeast} entries of ${name}`,
        })
        .catch(() => undefined);
      return { total: read().length, entries: read().slice(after) };
    });
  }
  app.post("/sim/models/queue", (request) => {
    const call = z.strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()) });
    const { answers } = z
      .strictObject({
        answers: z.array(
          z.union([
            z.string(),
            z.strictObject({ text: z.string().default(""), toolCalls: z.array(call).default([]) }),
          ]),
        ),
      })
      .parse(request.body);
    world.models.queue(...answers);
    return { ok: true };
  });
}
