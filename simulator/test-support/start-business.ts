import fastify from "fastify";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { createSimulator, type Simulator, type SimulatorOptions } from "../create-simulator.ts";
import { signBody } from "../sign-body.ts";

/** A webhook as the business got it. */
export type ReceivedWebhook = {
  readonly body: string;
  readonly signature: string | undefined;
  readonly payload: z.infer<typeof payloadSchema>;
};

const valueSchema = z.looseObject({
  contacts: z.array(z.looseObject({})).optional(),
  messages: z.array(z.looseObject({ id: z.string() })).optional(),
  statuses: z.array(z.looseObject({ id: z.string(), status: z.string() })).optional(),
});
const payloadSchema = z.looseObject({
  entry: z.array(
    z.looseObject({ changes: z.array(z.looseObject({ field: z.string(), value: valueSchema })) }),
  ),
});

type GraphInit = Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string> };

/** A simulator and a business of a few lines on the other side of the webhook. */
export type Business = {
  readonly simulator: Simulator;
  readonly received: readonly ReceivedWebhook[];
  /** Answers for the next webhooks; 200 when there is none left. */
  readonly answers: number[];
  /** Calls the fake Graph API with the business's token. */
  readonly graph: (path: string, init?: GraphInit) => Promise<Response>;
  readonly send: (message: Record<string, unknown>) => Promise<Response>;
};

/** The business number that every test uses. */
export const NUMBER = "1000000001";

/** Starts both sides; they end with the test. Status webhooks come without pauses. */
export async function startBusiness(options: Partial<SimulatorOptions> = {}): Promise<Business> {
  const received: ReceivedWebhook[] = [];
  const answers: number[] = [];
  const app = fastify();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
    done(null, body),
  );
  app.post("/webhook", (request, reply) => {
    const body = z.string().parse(request.body);
    const signature = z.string().optional().parse(request.headers["x-hub-signature-256"]);
    const status = answers.shift() ?? 200;
    if (status === 200) {
      const parsed = payloadSchema.safeParse(JSON.parse(body));
      received.push({ body, signature, payload: parsed.success ? parsed.data : { entry: [] } });
    }
    return reply.code(status).send();
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const simulator = await createSimulator({
    port: 0,
    webhookUrl: `${url}/webhook`,
    appSecret: "app secret",
    phoneNumbers: [{ phoneNumberId: NUMBER, displayName: "Corner Bakery" }],
    statusDelaysMs: { sent: 0, delivered: 0, read: 0 },
    webhookRetryDelayMs: 5,
    ...options,
  });
  onTestFinished(async () => {
    await simulator.close();
    await app.close();
  });
  const graph: Business["graph"] = (path, { headers, ...init } = {}) =>
    fetch(`${simulator.url}/v26.0/${path}`, {
      ...init,
      headers: { authorization: "Bearer token", ...headers },
    });
  const send: Business["send"] = (message) =>
    graph(`${NUMBER}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messaging_product: "whatsapp", ...message }),
    });
  return { simulator, received, answers, graph, send };
}

/** All status names that came in for a message, in order of arrival. */
export function statusesOf(business: Business, messageId: string): string[] {
  return business.received
    .flatMap(({ payload }) => payload.entry)
    .flatMap(({ changes }) => changes)
    .flatMap(({ value }) => value.statuses ?? [])
    .filter(({ id }) => id === messageId)
    .map(({ status }) => status);
}

/** Whether the signature of a webhook fits its bytes. */
export function isSigned({ body, signature }: ReceivedWebhook): boolean {
  return signature === signBody("app secret", body);
}

/** The id in the answer of a send call. */
export async function idOf(response: Response): Promise<string> {
  const answer = z
    .object({ messages: z.array(z.object({ id: z.string() })) })
    .parse(await response.json());
  return answer.messages[0]?.id ?? "";
}

/** The code of an error in Meta's shape; throws when the answer has another shape. */
export async function codeOf(response: Response): Promise<number> {
  const schema = z.strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      code: z.number(),
      error_data: z
        .strictObject({ messaging_product: z.literal("whatsapp"), details: z.string() })
        .optional(),
      fbtrace_id: z.string(),
    }),
  });
  return schema.parse(await response.json()).error.code;
}
