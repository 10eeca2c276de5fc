import type { TestDatabase } from "./open-test-database.ts";

/** An organization with one chatbot. */
export type Tenant = { readonly organizationId: string; readonly chatbotId: string };

type Row = Readonly<Record<string, unknown>>;

/** What the tests of the schema do over and over. */
export type SchemaTenants = {
  /** The only row of a query; throws when there are none or several. */
  readonly one: (text: string, values?: readonly unknown[]) => Promise<Row>;
  readonly createTenant: (limits?: { messages?: number; tokens?: number }) => Promise<Tenant>;
  readonly createChatbot: (organizationId: string) => Promise<string>;
  /** Runs as the program does: as parley_app, in a transaction that has said which tenant. */
  readonly asTenant: <Result>(
    organizationId: string,
    work: () => Promise<Result>,
  ) => Promise<Result>;
  /** Adds to the usage of the tenant's billing period. */
  readonly spend: (tenant: Tenant, used: { messages?: number; tokens?: number }) => Promise<void>;
};

/** Helpers over a migrated database; each test makes tenants of its own. */
export function createSchemaTenants(database: TestDatabase): SchemaTenants {
  const one: SchemaTenants["one"] = async (text, values = []) => {
    const rows = await database.query(text, values);
    const [first] = rows;
    if (first === undefined || rows.length > 1)
      throw new Error(`expected one row, got ${rows.length}`);
    return first;
  };

  const createChatbot: SchemaTenants["createChatbot"] = async (organizationId) => {
    const { id } = await one(
      `insert into chatbots (organization_id, name, whatsapp_phone_number_id, whatsapp_access_token, model, failure_message)
       values ($1, 'Bella', gen_random_uuid()::text, 'sealed', 'demo:extractive', 'Sorry, try later.') returning id`,
      [organizationId],
    );
    return String(id);
  };

  const createTenant: SchemaTenants["createTenant"] = async (limits = {}) => {
    const { id } = await one(
      `insert into organizations (name, slug, message_limit_monthly, token_limit_monthly)
       values ('Bakery', 'bakery-' || gen_random_uuid(), $1, $2) returning id`,
      [limits.messages ?? 1000, limits.tokens ?? 1_000_000],
    );
    return { organizationId: String(id), chatbotId: await createChatbot(String(id)) };
  };

  const asTenant: SchemaTenants["asTenant"] = async (organizationId, work) => {
    await database.query("begin");
    try {
      await database.query(
        "select set_config('role', 'parley_app', true), set_config('app.organization_id', $1, true)",
        [organizationId],
      );
      const result = await work();
      await database.query("commit");
      return result;
    } catch (error) {
      await database.query("rollback");
      throw error;
    }
  };

  const spend: SchemaTenants["spend"] = async (tenant, used) => {
    await asTenant(tenant.organizationId, () =>
      database.query(
        `update usage_summary set current_period_messages = current_period_messages + $2,
           current_period_tokens = current_period_tokens + $3 where organization_id = $1`,
        [tenant.organizationId, used.messages ?? 0, used.tokens ?? 0],
      ),
    );
  };

  return { one, createTenant, createChatbot, asTenant, spend };
}
