import { AppError, toAppError } from "#domain/errors.ts";
import { isDatabaseAway } from "#store/database.ts";

/** SQLSTATE codes that operators meet, in words. */
const DATABASE_FAILURES: Readonly<Record<string, AppError>> = {
  "3D000": new AppError(
    "DATABASE_UNAVAILABLE",
    "The database of DATABASE_URL does not exist. Make it with ./parley database create, or have an administrator make it and run ./parley migrate.",
  ),
  "28P01": new AppError("DATABASE_UNAVAILABLE", "PostgreSQL refuses the password of DATABASE_URL."),
  "28000": new AppError("DATABASE_UNAVAILABLE", "PostgreSQL refuses the login of DATABASE_URL."),
  "42501": new AppError(
    "DATABASE_UNAVAILABLE",
    "The login of DATABASE_URL lacks a right in this database. Migrate as the owner, and let the program's login be a member of parley_app and parley_system.",
  ),
  "42P01": new AppError("SCHEMA_OUTDATED", "The database has no schema yet. Run: ./parley migrate"),
  "22023": new AppError("SCHEMA_OUTDATED", "The database has no schema yet. Run: ./parley migrate"),
  "53100": new AppError("DATABASE_UNAVAILABLE", "The disk of the database is full."),
};

/** A failure as an operator should read it: one sentence that says what to do, where we know it. */
export function explainFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = DATABASE_FAILURES[code];
  if (known !== undefined) return new AppError(known.code, known.message, { cause: error });
  if (isDatabaseAway(error))
    return new AppError(
      "DATABASE_UNAVAILABLE",
      "PostgreSQL does not answer. Is it running, and does DATABASE_URL name the right host and port?",
      { cause: error },
    );
  return toAppError(error);
}
