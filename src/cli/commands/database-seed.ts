import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Config, PROJECT_FOLDER } from "#config.ts";
import { AppError } from "#domain/errors.ts";
import { asSystem, asTenant } from "#store/as-tenant.ts";
import { listChatbots } from "#store/chatbots.ts";
import type { Route } from "#store/inbound.ts";
import { insertSampleMessage } from "#store/sample-messages.ts";
import { type CommandDeps, defineCommand, type Notice, type Row } from "./command.ts";
import { createChatbot } from "./create-chatbot.ts";
import {
  assertTargetMigrated,
  databaseTarget,
  describeTarget,
  targetConfig,
} from "./database-target.ts";
import { findOrCreateOrganization } from "./find-organization.ts";

const Seed = z.strictObject({
  organization: z.string(),
  chatbot: z.strictObject({ name: z.string(), systemPrompt: z.string() }),
  conversations: z.array(
    z.strictObject({
      person: z.strictObject({ phone: z.string(), profileName: z.string() }),
      messages: z.array(
        z.strictObject({
          author: z.enum(["customer", "bot", "human"]),
          minutesAgo: z.number(),
          text: z.string(),
        }),
      ),
    }),
  ),
});
type Seed = z.infer<typeof Seed>;

/** The WhatsApp number that the sample chatbot answers on. */
type SeedSettings = { readonly phoneNumberId: string; readonly accessToken: string };

/** `database seed`. */
export const databaseSeed = defineCommand({
  name: "database seed",
  summary: "Insert a demo organization, a chatbot and sample conversations.",
  details:
    "The chatbot answers on WHATSAPP_PHONE_NUMBER_ID with WHATSAPP_ACCESS_TOKEN of .env; with --test on a made-up number. What is there already stays, so repeating it does no harm.",
  examples: ["./parley database seed --dev", "./parley database seed --test"],
  input: z.strictObject(databaseTarget),
  view: { kind: "record" },
  schema: "may be missing",
  configFor: targetConfig,
  async *run(deps, input, notice) {
    const settings = readSeedSettings(deps.config, input);
    await assertTargetMigrated(deps.database, input);
    yield await insertSeed(deps, settings, notice);
  },
});

/** @throws AppError SETTINGS_INVALID when the settings name no number. */
export function readSeedSettings(config: Config, target: { readonly test: boolean }): SeedSettings {
  if (target.test)
    return { phoneNumberId: "test-phone-number-id", accessToken: "test-access-token" };
  const { WHATSAPP_PHONE_NUMBER_ID: phoneNumberId, WHATSAPP_ACCESS_TOKEN: accessToken } = config;
  if (phoneNumberId === undefined || accessToken === undefined)
    throw new AppError(
      "SETTINGS_INVALID",
      "The sample chatbot needs a WhatsApp number: set WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_ACCESS_TOKEN in .env.",
    );
  return { phoneNumberId, accessToken };
}

/** Inserts what is missing of the sample data. */
export async function insertSeed(
  deps: CommandDeps,
  settings: SeedSettings,
  notice: Notice,
): Promise<Row> {
  const file = await readFile(join(PROJECT_FOLDER, "db/seed.json"), "utf8");
  const seed = Seed.parse(JSON.parse(file));
  const route = await findOrCreateChatbot(deps, { seed, settings, notice });
  const messages = await insertMessages(deps, route, seed);
  return {
    database: describeTarget(deps.config),
    organizationId: route.organizationId,
    chatbotId: route.chatbotId,
    messages,
  };
}

async function findOrCreateChatbot(
  deps: CommandDeps,
  wish: { readonly seed: Seed; readonly settings: SeedSettings; readonly notice: Notice },
): Promise<Route> {
  const { phoneNumberId } = wish.settings;
  const [known] = await asSystem(deps.database.db, (system) =>
    listChatbots(system, { reference: phoneNumberId }),
  );
  if (known !== undefined) {
    wish.notice(`The number has a chatbot already (${known.name}); it stays as it is.`);
    return { organizationId: known.organizationId, chatbotId: known.id };
  }
  const organization = await findOrCreateOrganization(deps, wish.seed.organization);
  const chatbotId = await createChatbot(deps, organization, {
    ...wish.seed.chatbot,
    ...wish.settings,
    model: deps.config.DEFAULT_MODEL,
  });
  return { organizationId: organization.id, chatbotId };
}

async function insertMessages(deps: CommandDeps, route: Route, seed: Seed): Promise<number> {
  const nowMs = deps.clock.now().getTime();
  let stored = 0;
  await asTenant(deps.database.db, route.organizationId, async (tenant) => {
    for (const { person, messages } of seed.conversations) {
      for (const [index, message] of messages.entries()) {
        const isNew = await insertSampleMessage(tenant, route, {
          ...message,
          person,
          id: `sample-${person.phone}-${index}`,
          sentAt: new Date(nowMs - message.minutesAgo * 60_000),
        });
        if (isNew) stored += 1;
      }
    }
  });
  return stored;
}
