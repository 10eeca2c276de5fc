import type { FastifyInstance } from "fastify";

/** Leads whoever opens the address: to the simulator when there is one, otherwise a word of what this is. */
export async function registerStartPage(
  app: FastifyInstance,
  options: { readonly simulatorUrl: string | null },
): Promise<void> {
  app.get("/", (_request, reply) =>
    options.simulatorUrl === null
      ? reply
          .type("text/plain")
          .send("Parley is running. Webhooks of WhatsApp arrive at /webhook.\n")
      : reply.redirect(options.simulatorUrl),
  );
}
