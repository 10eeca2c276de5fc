import type { ServerHealth } from "#store/health.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Oldest versions that Parley is tested with. */
const POSTGRESQL_MIN = 17;
const PGVECTOR_MIN = [0, 8] as const;

/** Judges the database: versions, the login's rights, row-level security. */
export function* checkServer(
  health: ServerHealth,
  kind: "embedded" | "server",
): Generator<Finding> {
  yield checkVersion(health, kind);
  yield checkVector(health);
  if (kind === "server") yield checkLogin(health);
  yield health.unprotectedTables.length === 0
    ? ok("row-level security", "It is forced on every table of tenants.")
    : problem(
        "row-level security",
        `It is not forced on ${health.unprotectedTables.join(", ")}: tenants could see each other's rows. Run ./parley migrate, and do not change the schema by hand.`,
      );
}

function checkVersion({ version }: ServerHealth, kind: "embedded" | "server"): Finding {
  const name = kind === "embedded" ? "The embedded PostgreSQL" : "PostgreSQL";
  return Number.parseInt(version, 10) >= POSTGRESQL_MIN
    ? ok("database", `${name} ${version} answers.`)
    : warning(
        "database",
        `${name} ${version} answers, but Parley is tested with ${POSTGRESQL_MIN} and newer.`,
      );
}

function checkVector({ pgvector }: ServerHealth): Finding {
  if (pgvector === null)
    return problem(
      "pgvector",
      "The extension is missing: install pgvector on the server, then run ./parley migrate.",
    );
  const [major = 0, minor = 0] = pgvector.split(".").map(Number);
  const isNewEnough =
    major > PGVECTOR_MIN[0] || (major === PGVECTOR_MIN[0] && minor >= PGVECTOR_MIN[1]);
  return isNewEnough
    ? ok("pgvector", `Version ${pgvector}.`)
    : problem("pgvector", `Version ${pgvector} is too old: 0.8 or newer is needed.`);
}

function checkLogin(health: ServerHealth): Finding {
  if (health.isSuperuser || health.bypassesRowSecurity)
    return warning(
      "database login",
      `${health.login} is ${health.isSuperuser ? "a superuser" : "exempt from row-level security"}. The program gives that up for its queries, but whoever gets hold of DATABASE_URL has it: give Parley a login of its own (create role … login; docs/operate).`,
    );
  return ok(
    "database login",
    `${health.login} is neither a superuser nor exempt from row-level security.`,
  );
}
