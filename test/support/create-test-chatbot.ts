import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Database } from "#store/database.ts";
import type { Simulator } from "../../simulator/create-simulator.ts";

/** A chatbot with an organization of its own and a number in the simulator. */
export type TestChatbot = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly phoneNumberId: string;
  readonly options: {
    readonly model: string;
    readonly fallbackModel: string | null;
    readonly replyDelayMs: number;
    readonly appSecret: string | null;
    readonly accessToken: string;
    readonly organizationId: OrganizationId | null;
  };
};

let numbers = 100_000_000_000_000;

/** Makes a chatbot that answers at once, unless told otherwise. */
export async function createTestChatbot(
  world: {
    readonly database: Database;
    readonly keyRing: KeyRing;
    readonly simulator: {
      readonly addPhoneNumber: (...number: Parameters<Simulator["addPhoneNumber"]>) => unknown;
    };
  },
  given: Partial<TestChatbot["options"]>,
): Promise<TestChatbot> {
  const options = {
    model: "openai:test",
    fallbackModel: null,
    replyDelayMs: 0,
    appSecret: null,
    accessToken: "token",
    organizationId: null,
    ...given,
  };
  numbers += 1;
  const phoneNumberId = String(numbers);
  world.simulator.addPhoneNumber({ phoneNumberId, displayName: "Test" });
  const organizationId = options.organizationId ?? OrganizationId.parse(randomUUID());
  const seal = (secret: string, column: string) =>
    world.keyRing.seal(secret, { organizationId, column });
  const chatbotId = ChatbotId.parse(randomUUID());
  await world.database.asOwner(async (db) => {
    await sql`insert into organizations (id, name, slug) values (${organizationId}, 'Test', ${`test-${organizationId}`})
      on conflict do nothing`.execute(db);
    await sql`insert into chatbots (id, organization_id, name, whatsapp_phone_number_id, whatsapp_access_token,
        whatsapp_app_secret, model, fallback_model, failure_message, reply_delay_ms)
      values (${chatbotId}, ${organizationId}, 'Test', ${phoneNumberId}, ${seal(options.accessToken, "whatsapp_access_token")},
        ${options.appSecret === null ? null : seal(options.appSecret, "whatsapp_app_secret")},
        ${options.model}, ${options.fallbackModel}, 'Sorry, I cannot answer right now.', ${options.replyDelayMs})`.execute(
      db,
    );
  });
  return { organizationId, chatbotId, phoneNumberId, options };
}
