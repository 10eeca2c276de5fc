import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { defineCommand } from "./command.ts";
import { createOrganization } from "./find-organization.ts";

/** `organization create`. */
export const organizationCreate = defineCommand({
  name: "organization create",
  summary: "Make an organization (a tenant: a customer of this platform).",
  examples: ['./parley organization create --name "Bakery Ltd"'],
  input: z.strictObject({
    name: z.string().trim().min(1, "may not be empty").max(200).describe("What it is called."),
    slug: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,79}$/, "may have small letters, digits and hyphens")
      .optional()
      .describe("Short name for addresses; made from the name when left out."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const made = await createOrganization(deps, input);
    if (made === null)
      throw new AppError(
        "CONFLICT",
        "An organization with this short name exists already; give another one with --slug.",
      );
    yield made;
  },
});
