import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { GuardedRequest } from "#providers/guarded-fetch/guarded-requests.ts";
import type { CallerFields } from "./caller-fields.ts";
import { fillJson, fillText, placeholdersOf, type TemplateValues } from "./fill-template.ts";
import { type HttpSettings, propertiesOf } from "./http-settings.ts";

/** What a model passed, and on whose behalf. */
export type HttpCall = { readonly input: JsonObject; readonly caller: CallerFields };

/**
 * The request that a call becomes, without its authorization. Values are encoded for where they stand, and
 * neither the host nor the way to it can change. Arguments without a place in the template go into the
 * body as JSON, or into the query of a request that has no body.
 * @throws AppError TOOL_ARGUMENTS_INVALID
 */
export function buildRequest(
  settings: HttpSettings,
  { input, caller }: HttpCall,
): Omit<GuardedRequest, "signal"> {
  const values = { arguments: argumentsOf(settings, { input, caller }), caller };
  const rest = unplaced(settings, values.arguments);
  const hasBody = settings.method !== "GET" && settings.method !== "HEAD";
  const body = hasBody ? bodyOf(settings, values, rest) : null;
  const url = urlOf(settings, values, hasBody ? {} : rest);
  const headers = {
    accept: "application/json, text/plain;q=0.9, */*;q=0.5",
    ...body?.headers,
    ...headersOf(settings, values),
  };
  const request = { url, method: settings.method, headers };
  return body === null ? request : { ...request, body: body.text };
}

/** What the model may say, and over it what is bound. Nothing else of what it said is used. */
function argumentsOf(settings: HttpSettings, { input, caller }: HttpCall): JsonObject {
  const bound = Object.entries(settings.bound).map(([name, template]) => {
    const value = fillJson(template, { arguments: {}, caller });
    if (value === undefined)
      throw new AppError("TOOL_ARGUMENTS_INVALID", `The bound argument ${name} has no value.`);
    return [name, value] as const;
  });
  const allowed = propertiesOf(settings.parameters).filter((name) => Object.hasOwn(input, name));
  const own = allowed.map((name) => [name, input[name] ?? null] as const);
  return Object.fromEntries<JsonValue>([...own, ...bound]);
}

function unplaced({ url, query, headers, body, form }: HttpSettings, all: JsonObject): JsonObject {
  const templates = [url, query ?? {}, headers, body ?? null, form ?? {}];
  const placed = new Set(placeholdersOf(templates).argument);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !placed.has(name)));
}

function urlOf(settings: HttpSettings, values: TemplateValues, rest: JsonObject): string {
  const [path = "", ownQuery] =
    settings.url
      .slice(authorityLength(settings.url))
      .split("#")[0]
      ?.split(/\?(.*)/s) ?? [];
  const filled = path.replaceAll(/[^/]+/g, (segment) => fillSegment(segment, values));
  const url = new URL(`${settings.origin}${filled || "/"}`);
  const query = new URLSearchParams();
  for (const [name, template] of new URLSearchParams(ownQuery ?? ""))
    add(query, name, fillText(template, values, plain));
  for (const [name, template] of Object.entries(settings.query ?? {}))
    add(query, name, fillText(template, values, plain));
  for (const [name, value] of Object.entries(rest)) add(query, name, textOf(value));
  url.search = query.toString();
  if (url.origin !== settings.origin)
    throw new AppError("TOOL_ARGUMENTS_INVALID", "An argument would change the server.");
  return url.href;
}

function authorityLength(url: string): number {
  return /^https?:\/\/[^/?#]+/i.exec(url)?.[0].length ?? 0;
}

/** A segment that climbs, or that is empty because of its arguments, would lead to another resource. */
function fillSegment(segment: string, values: TemplateValues): string {
  const filled = fillText(segment, values, encodeURIComponent) ?? "";
  if (segment !== filled && /^\.{0,2}$/.test(filled))
    throw new AppError(
      "TOOL_ARGUMENTS_INVALID",
      `The arguments do not fit: ${placeholdersOf(segment).argument.join(", ") || "a part of the address"} is missing or no name.`,
    );
  return filled;
}

function add(query: URLSearchParams, name: string, value: string | null): void {
  if (value !== null) query.append(name, value);
}

function headersOf({ headers }: HttpSettings, values: TemplateValues): Record<string, string> {
  const filled = Object.entries(headers).flatMap(([name, template]) => {
    const value = fillText(template, values, plain);
    if (value === null) return [];
    // beyond Latin-1, or with a line end, it would be another header or none
    if (/[^\t\x20-\x7e\xa0-\xff]/.test(value))
      throw new AppError(
        "TOOL_ARGUMENTS_INVALID",
        `The arguments do not fit: a value of the header ${name} holds characters that it cannot.`,
      );
    return [[name.toLowerCase(), value] as const];
  });
  return Object.fromEntries(filled);
}

type Body = { readonly text: string; readonly headers: Readonly<Record<string, string>> };

function bodyOf(settings: HttpSettings, values: TemplateValues, rest: JsonObject): Body | null {
  if (settings.form !== undefined) {
    const form = new URLSearchParams();
    for (const [name, template] of Object.entries(settings.form))
      add(form, name, fillText(template, values, plain));
    for (const [name, value] of Object.entries(rest)) add(form, name, textOf(value));
    return {
      text: form.toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    };
  }
  const json = settings.body === undefined ? rest : fillJson(settings.body, values);
  if (settings.method === "DELETE" && settings.body === undefined && Object.keys(rest).length === 0)
    return null;
  return {
    text: JSON.stringify(json ?? null),
    headers: { "content-type": "application/json" },
  };
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const plain = (text: string): string => text;
