import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const Lock = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      resolved: z.string().optional(),
      dev: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** The parts of package-lock.json (version 3) that matter here. */
export type Lock = z.infer<typeof Lock>;

/** Checks the text but returns it as it stands: zod would bring the keys into another order. */
export function parseLock(text: string): Lock {
  const lock: Lock = JSON.parse(text);
  Lock.parse(lock);
  return lock;
}

/**
 * Completes package-lock.json so that `npm ci` accepts it everywhere.
 *
 * A package such as oxlint names one optional dependency per platform. npm writes entries only for
 * those that its registry can serve, and then `npm ci` refuses the lock ("Missing: … from lock
 * file"). An entry that only says for which platform it is suffices: no other platform fetches it.
 * It also forgets where packages were downloaded from, because that is the business of each
 * machine's npm settings; the checksums stay.
 */
export function completeLock(lock: Lock): {
  readonly lock: Lock;
  readonly added: readonly string[];
} {
  const packages: Lock["packages"] = {};
  for (const [path, { resolved, ...entry }] of Object.entries(lock.packages)) {
    const isFromRegistry = resolved === undefined || /^https?:.*\/-\//.test(resolved);
    packages[path] = isFromRegistry ? entry : { resolved, ...entry };
  }
  const added: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === null || isInstalledFor(packages, path, name)) continue;
      if (!/^\d+\.\d+\.\d+/.test(version)) continue; // a range cannot be locked without the registry
      const key = `node_modules/${name}`;
      const { os, ...processor } = platform;
      const dev = entry.dev === true && { dev: true };
      packages[key] = { version, ...processor, ...dev, optional: true, os };
      added.push(`${name}@${version}`);
    }
  }
  return { lock: { ...lock, packages: sortKeys(packages) }, added };
}

/** Whether `name` is found the way Node looks for it: beside the package, then in each folder above. */
function isInstalledFor(packages: Lock["packages"], path: string, name: string): boolean {
  const above = path.lastIndexOf("node_modules/");
  const key = path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (packages[key] !== undefined) return true;
  if (path === "") return false;
  return isInstalledFor(packages, path.slice(0, Math.max(0, above - 1)), name);
}

const SYSTEMS = "aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32";
const PROCESSORS = "arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64";
const PLATFORM = new RegExp(`[-/](${SYSTEMS})-(${PROCESSORS})(?:-?([a-z]+))?$`);
const LIBRARIES = new Map([
  ["gnu", "glibc"],
  ["gnueabihf", "glibc"],
  ["musl", "musl"],
  ["musleabihf", "musl"],
]);

/** "@oxlint/binding-linux-arm64-musl" says it all; null when a name tells no platform. */
function platformOf(name: string): { cpu: string[]; libc?: string[]; os: string[] } | null {
  const match = PLATFORM.exec(name);
  if (match === null) return /wasm32/.test(name) ? { os: [], cpu: ["wasm32"] } : null;
  const [, system = "", processor = "", suffix = ""] = match;
  const library = LIBRARIES.get(suffix);
  return { os: [system], cpu: [processor], ...(library !== undefined && { libc: [library] }) };
}

function sortKeys(packages: Lock["packages"]): Lock["packages"] {
  return Object.fromEntries(
    Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en")),
  );
}

async function main(): Promise<void> {
  const root = join(import.meta.dirname, "..");
  const file = join(root, "package-lock.json");
  const text = await readFile(file, "utf8");
  const { lock, added } = completeLock(parseLock(text));
  const completed = `${JSON.stringify(lock, null, 2)}\n`;
  if (completed === text) {
    console.log("package-lock.json is complete");
    return;
  }
  await writeFile(file, completed);
  // What is installed still fits: without this, install-if-missing would install it again.
  const now = new Date();
  await utimes(join(root, "node_modules/.package-lock.json"), now, now);
  for (const name of added) console.log(`package-lock.json: added ${name}`);
  console.log("package-lock.json was completed");
}

if (import.meta.main) await main();
