import { AppError } from "#domain/errors.ts";
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
    "The login of DATABASE_URL lacks a right in this database. Run ./parley migrate with one that owns the database and may create roles; every login of the program has to be a member of parley_app and parley_system.",
  ),
  "42P01": new AppError("SCHEMA_OUTDATED", "The database has no schema yet. Run: ./parley migrate"),
  "22023": new AppError("SCHEMA_OUTDATED", "The database has no schema yet. Run: ./parley migrate"),
  "53100": new AppError("DATABASE_UNAVAILABLE", "The disk of the database is full."),
};

/** A failure as an operator should read it: one sentence that says what to do, where we know it. */
export function explainFailure(error: unknown): AppError {
  if (error instanceof AppError && error.code !== "INTERNAL") return error;
  const cause = error instanceof AppError && error.cause !== undefined ? error.cause : error;
  const code = codeOf(cause);
  const known = DATABASE_FAILURES[code];
  if (known !== undefined) return new AppError(known.code, known.message, { cause });
  if (isDatabaseAway(cause))
    return new AppError(
      "DATABASE_UNAVAILABLE",
      "PostgreSQL does not answer. Is it running, and does DATABASE_URL name the right host and port?",
      { cause },
    );
  if (error instanceof AppError && error.cause === undefined) return error;
  // Not its message, which may quote what somebody wrote.
  const kind = cause instanceof Error ? cause.name : typeof cause;
  return new AppError(
    "INTERNAL",
    `Something unforeseen failed (${code === "" ? kind : `${kind} ${code}`}).`,
    { cause },
  );
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
