import { type Kysely, sql } from "kysely";
import { OrganizationId } from "#domain/ids.ts";
import type { OrganizationId as Organization } from "#domain/ids.ts";
import { APP_ROLE } from "./database.ts";
import type { DB } from "./generated/database.ts";

declare const tenantBrand: unique symbol;

/**
 * A database handle inside a transaction that has said which tenant it serves. Only `asTenant`
 * makes one, so a store function that asks for it cannot be called without a tenant.
 */
export type TenantDatabase = Kysely<DB> & { readonly [tenantBrand]: Organization };

/** The same for the operator's view across all tenants. Only `asSystem` makes one. */
export type SystemDatabase = Kysely<DB> & { readonly [tenantBrand]: "system" };

/**
 * The only door to tenant tables: a transaction in which row-level security shows the rows of one
 * organization and no others. Commits when `work` resolves, rolls back when it throws.
 */
export function asTenant<Result>(
  db: Kysely<DB>,
  organizationId: Organization,
  work: (tenant: TenantDatabase) => Promise<Result>,
): Promise<Result> {
  const id = OrganizationId.parse(organizationId);
  const setting = `select set_config('role', '${APP_ROLE}', true), set_config('app.organization_id', '${id}', true)`;
  return inTransaction(db, setting, (connection) => work(brandTenant(connection)));
}

/**
 * A transaction that sees every tenant: for the operator's commands, never for anything that a
 * customer or a tenant can reach.
 */
export function asSystem<Result>(
  db: Kysely<DB>,
  work: (system: SystemDatabase) => Promise<Result>,
): Promise<Result> {
  return inTransaction(db, "select set_config('role', 'parley_system', true)", (connection) =>
    work(brandSystem(connection)),
  );
}

/**
 * Begins with the role and tenant in the same round trip: every message passes here several times,
 * and this halves the cost of the door.
 */
function inTransaction<Result>(
  db: Kysely<DB>,
  setting: string,
  work: (connection: Kysely<DB>) => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    await sql.raw(`begin; ${setting}`).execute(connection);
    try {
      const result = await work(connection);
      await sql`commit`.execute(connection);
      return result;
    } catch (error) {
      await sql`rollback`.execute(connection).catch(() => {}); // the connection is gone: so is the transaction
      throw error;
    }
  });
}

function brandTenant(connection: Kysely<DB>): TenantDatabase {
  return connection as TenantDatabase; // the brand exists for the compiler only
}

function brandSystem(connection: Kysely<DB>): SystemDatabase {
  return connection as SystemDatabase; // the brand exists for the compiler only
}
