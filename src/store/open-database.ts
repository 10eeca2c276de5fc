import type { Database } from "./database.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "./embedded-database.ts";
import { openServerDatabase } from "./server-database.ts";

/** Where the database is: a connection string, the folder of the embedded one, or only memory. */
export type DatabaseLocation =
  | { readonly kind: "server"; readonly url: string; readonly poolSize: number }
  | { readonly kind: "embedded"; readonly folder: string }
  | { readonly kind: "memory" };

/**
 * Opens the database. The schema may still be missing: see `migrate`.
 * @throws AppError DATABASE_UNAVAILABLE or DATA_FOLDER_UNUSABLE.
 */
export function openDatabase(location: DatabaseLocation): Promise<Database> {
  switch (location.kind) {
    case "server":
      return openServerDatabase(location);
    case "embedded":
      return openEmbeddedDatabase(location.folder);
    case "memory":
      return openEmbeddedDatabase(IN_MEMORY);
  }
}
