import { AppError } from "#domain/errors.ts";
import { OrganizationId } from "#domain/ids.ts";
import { newId } from "#platform/new-id.ts";
import { asSystem, asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { findOrganizations, insertOrganization } from "#store/organizations.ts";
import type { CommandDeps } from "./command.ts";
import { slugify } from "./slugify.ts";

/** An organization that exists. */
export type FoundOrganization = {
  readonly id: OrganizationId;
  readonly name: string;
  readonly slug: string;
};

/** The organization of this id, slug or name; null when there is none. */
export async function findOrganization(
  deps: Pick<CommandDeps, "database">,
  reference: string,
): Promise<FoundOrganization | null> {
  const found = await asSystem(deps.database.db, (system) => findOrganizations(system, reference));
  if (found.length > 1)
    throw new AppError(
      "CONFLICT",
      `${found.length} organizations are called ${reference}; give the id or the short name (slug): ${found.map(({ slug }) => slug).join(", ")}.`,
    );
  return found[0] ?? null;
}

/** The same. @throws AppError NOT_FOUND. */
export async function getOrganization(
  deps: Pick<CommandDeps, "database">,
  reference: string,
): Promise<FoundOrganization> {
  const found = await findOrganization(deps, reference);
  if (found === null)
    throw new AppError(
      "NOT_FOUND",
      `There is no organization ${reference}. ./parley organization list shows all.`,
    );
  return found;
}

/** Makes an organization; null when the slug is taken. */
export async function createOrganization(
  deps: Pick<CommandDeps, "database">,
  wish: { readonly name: string; readonly slug?: string | undefined },
): Promise<FoundOrganization | null> {
  const id = OrganizationId.parse(newId());
  const slug = wish.slug ?? slugify(wish.name, `organization-${id.slice(-6)}`);
  return asTenant(deps.database.db, id, async (tenant) => {
    if (!(await insertOrganization(tenant, { id, name: wish.name, slug }))) return null;
    await insertOperatorAudit(tenant, id, {
      action: "organization.created",
      targetType: "organization",
      targetId: id,
      changes: { name: wish.name, slug },
    });
    return { id, name: wish.name, slug };
  });
}

/** The organization of this reference, made when it is missing; safe when two do so at once. */
export async function findOrCreateOrganization(
  deps: Pick<CommandDeps, "database">,
  reference: string,
): Promise<FoundOrganization> {
  const known = await findOrganization(deps, reference);
  if (known !== null) return known;
  const made = await createOrganization(deps, { name: reference });
  if (made !== null) return made;
  const late = await findOrganization(deps, reference); // another command was faster
  if (late !== null) return late;
  // Another name with the same short form exists, such as "Café" beside "Cafe".
  const slug = `${slugify(reference, "organization")}-${newId().slice(-6)}`;
  const other = await createOrganization(deps, { name: reference, slug });
  if (other === null) throw new AppError("INTERNAL", "No free short name for the organization");
  return other;
}
