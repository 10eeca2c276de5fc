import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWindmill } from "./windmill-contract.ts";

// A test says when it is not current.
const file = join(import.meta.dirname, "../test/support/windmill/contract.json");
await writeFile(file, `${JSON.stringify(await describeWindmill(), null, 1)}\n`);
