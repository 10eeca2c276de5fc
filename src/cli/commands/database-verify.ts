import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { describeTables, sampleTable } from "#store/database-admin.ts";
import { defineCommand } from "./command.ts";
import { assertTargetMigrated, databaseTarget, targetConfig } from "./database-target.ts";
import { formatTable, maskRow } from "./table-sample.ts";

const SAMPLE_ROWS = 3;

/** `database verify`. */
export const databaseVerify = defineCommand({
  name: "database verify",
  summary: "Show all tables with their columns and a few rows; secrets and texts are masked.",
  examples: ["./parley database verify --dev", "./parley database verify --test --json"],
  input: z.strictObject(databaseTarget),
  view: { kind: "lines", line: formatTable },
  schema: "may be missing",
  configFor: targetConfig,
  async *run(deps, input) {
    await assertTargetMigrated(deps.database, input);
    const tables = await asSystem(deps.database.db, describeTables);
    for (const table of tables) {
      const { rows, sample } = table.isReadable
        ? await asSystem(deps.database.db, (system) =>
            sampleTable(system, table.table, SAMPLE_ROWS),
          )
        : { rows: null, sample: [] };
      yield {
        table: table.table,
        rows,
        columns: table.columns,
        sample: sample.map((row) => maskRow(table, row)),
      };
    }
  },
});
