import { createHash } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import { untilAborted } from "#platform/until-aborted.ts";
import type {
  WindmillClient,
  WindmillScript,
  WindmillServer,
} from "#providers/windmill/windmill-client.ts";

/** What Windmill says of scripts, kept for some minutes so that turns need not ask. */
export type ScriptCache = (
  ask: {
    readonly client: WindmillClient;
    readonly server: WindmillServer;
    readonly path: string;
  },
  signal: AbortSignal,
) => Promise<WindmillScript>;

/** A changed script is known after so long. */
const MAX_AGE_MS = 300_000;
/** Windmill answers at once, or is down. */
const ASK_TIMEOUT_MS = 10_000;
/** Scripts kept; the one asked for first is forgotten first. */
const SCRIPTS_MAX = 1_000;

type Kept = { readonly script: Promise<WindmillScript>; readonly atMs: number };

/** Failures are not kept; who asks at once gets the same answer. */
export function createScriptCache(clock: Pick<Clock, "monotonicMs">): ScriptCache {
  const kept = new Map<string, Kept>();
  return async ({ client, server, path }, signal) => {
    const key = createHash("sha256")
      .update(JSON.stringify([server.baseUrl, server.workspace, server.token, path]))
      .digest("base64url");
    const known = kept.get(key);
    if (known !== undefined && clock.monotonicMs() - known.atMs < MAX_AGE_MS)
      return untilAborted(known.script, signal);
    const script = client.getScript(path, AbortSignal.timeout(ASK_TIMEOUT_MS));
    const fresh = { script, atMs: clock.monotonicMs() };
    kept.delete(key);
    kept.set(key, fresh);
    script.catch(() => {
      if (kept.get(key) === fresh) kept.delete(key);
    });
    const oldest = kept.keys().next().value;
    if (kept.size > SCRIPTS_MAX && oldest !== undefined) kept.delete(oldest);
    return untilAborted(script, signal);
  };
}
