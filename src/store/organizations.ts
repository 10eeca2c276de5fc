import { OrganizationId } from "#domain/ids.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** An organization as operators see it. */
export type OrganizationRow = {
  readonly id: OrganizationId;
  readonly name: string;
  readonly slug: string;
  readonly isActive: boolean;
  readonly chatbots: number;
  readonly messages: number;
  readonly messageLimit: number;
  readonly tokens: number;
  readonly tokenLimit: number;
  readonly createdAt: Date;
};

/** All organizations, oldest first, with what they have used in this billing period. */
export async function listOrganizations(
  system: SystemDatabase,
): Promise<readonly OrganizationRow[]> {
  const rows = await system
    .selectFrom("organizations as o")
    .leftJoin("usage_summary as u", "u.organization_id", "o.id")
    .select((build) => [
      "o.id",
      "o.name",
      "o.slug",
      "o.is_active",
      "o.message_limit_monthly",
      "o.token_limit_monthly",
      "o.created_at",
      "u.current_period_messages",
      "u.current_period_tokens",
      build
        .selectFrom("chatbots as b")
        .whereRef("b.organization_id", "=", "o.id")
        .select(build.fn.countAll<string>().as("count"))
        .as("chatbots"),
    ])
    .orderBy("o.id")
    .execute();
  return rows.map((row) => ({
    id: OrganizationId.parse(row.id),
    name: row.name,
    slug: row.slug,
    isActive: row.is_active,
    chatbots: Number(row.chatbots),
    messages: row.current_period_messages ?? 0,
    messageLimit: row.message_limit_monthly,
    tokens: Number(row.current_period_tokens ?? 0),
    tokenLimit: Number(row.token_limit_monthly),
    createdAt: row.created_at,
  }));
}

/** Organizations of this id, slug or name; names need not be unique. */
export async function findOrganizations(
  system: SystemDatabase,
  reference: string,
): Promise<
  readonly { readonly id: OrganizationId; readonly name: string; readonly slug: string }[]
> {
  const id = OrganizationId.safeParse(reference);
  const rows = await system
    .selectFrom("organizations")
    .select(["id", "name", "slug"])
    .where((where) =>
      where.or([
        where("name", "=", reference),
        where("slug", "=", reference),
        ...(id.success ? [where("id", "=", id.data)] : []),
      ]),
    )
    .orderBy("id")
    .execute();
  return rows.map((row) => ({ ...row, id: OrganizationId.parse(row.id) }));
}

/** Makes an organization; false when the slug is taken. Its id is the tenant's. */
export async function insertOrganization(
  tenant: TenantDatabase,
  organization: { readonly id: OrganizationId; readonly name: string; readonly slug: string },
): Promise<boolean> {
  const rows = await tenant
    .insertInto("organizations")
    .values({ ...organization })
    .onConflict((conflict) => conflict.column("slug").doNothing())
    .returning("id")
    .execute();
  return rows.length > 0;
}
