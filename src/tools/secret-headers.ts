import { z } from "zod";
import type { JsonObject } from "#domain/webhook-event.ts";

const Headers = z.record(z.string(), z.string()).catch({});

/** Headers that say something of the form of a request, and nothing of who makes it. */
const PLAIN = /^(accept(-.*)?|content-(type|language)|cache-control|user-agent|prefer)$/i;
const MASK = "[hidden]";

/**
 * What may be a secret of `settings.headers`: keys are put there although `credentials` is their place. With a
 * scheme before it, such as `Bearer`, the key alone is one, too.
 */
export function secretHeaderValues(settings: JsonObject): readonly string[] {
  return Object.entries(Headers.parse(settings["headers"]))
    .filter(([name]) => !PLAIN.test(name))
    .flatMap(([, value]) => [value, ...value.split(/\s+/).slice(1)]);
}

/** Settings as they may be shown: the values of such headers are not. */
export function maskHeaders(settings: JsonObject): JsonObject {
  if (settings["headers"] === undefined) return settings;
  const headers = Object.entries(Headers.parse(settings["headers"])).map(
    ([name, value]) => [name, PLAIN.test(name) ? value : MASK] as const,
  );
  return { ...settings, headers: Object.fromEntries(headers) };
}
