import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebhookChange, WebhookEvent } from "#domain/webhook-event.ts";
import { listFixtures, readFixture, RECEIVED_AT } from "./fixture-for-tests.ts";
import { parseWebhook } from "./parse-webhook.ts";
import { ID_LENGTH_MAX } from "./read-json.ts";

const FIXTURES = listFixtures().map(readFixture);

/** One edit of a JSON tree: which of its places, and what to put there (nothing: delete it). */
type Mutation = { readonly place: number; readonly replacement: string | undefined };

/** Values that break naive readers: texts PostgreSQL refuses, ids too long, shapes unforeseen. */
const replacement = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    "null",
    '""',
    "[]",
    "{}",
    "-1",
    "1e999",
    String.raw`"\u0000"`,
    String.raw`"\ud83d"`,
    String.raw`{"\udc00":"\u0000"}`,
    '{"__proto__":{"id":"x"}}',
    `"${"9".repeat(3000)}"`,
  ),
  fc.json({ maxDepth: 3 }),
);
const mutation: fc.Arbitrary<Mutation> = fc.record({ place: fc.nat(), replacement });
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });

/** A copy of a tree of JSON, with some of its places replaced or deleted. */
function mutate(json: string, changes: readonly Mutation[]): unknown {
  const box: { root: unknown } = { root: JSON.parse(json) };
  for (const change of changes) {
    const places = listPlaces(box);
    const place = places[change.place % places.length];
    if (place === undefined) continue;
    if (change.replacement === undefined) Reflect.deleteProperty(place.parent, place.key);
    else Reflect.set(place.parent, place.key, JSON.parse(change.replacement));
  }
  return box.root;
}

function listPlaces(node: unknown): { readonly parent: object; readonly key: string }[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, child]: [string, unknown]) => [
    { parent: node, key },
    ...listPlaces(child),
  ]);
}

/** Every text and key in what the parser gave back. */
function listTexts(node: unknown): string[] {
  if (typeof node === "string") return [node];
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, child]: [string, unknown]) => [
    key,
    ...listTexts(child),
  ]);
}

/** The texts that PostgreSQL would refuse. */
function listUnstorable(result: unknown): string[] {
  return listTexts(result).filter((text) => !text.isWellFormed() || text.includes("\0"));
}

/** Length of the longest id in the parser's results; ids go into indexes of limited width. */
function measureLongestId(changes: readonly WebhookChange[]): number {
  const ids = changes.flatMap(({ phoneNumberId, businessAccountId, events }) => [
    phoneNumberId,
    businessAccountId,
    ...events.flatMap((event) => [event.whatsappMessageId, ...listPersonalIds(event)]),
  ]);
  return Math.max(0, ...ids.map((id) => id?.length ?? 0));
}

function listPersonalIds(event: WebhookEvent): readonly (string | undefined)[] {
  if (event.kind !== "message") return [];
  return [event.repliesTo, event.groupId, event.sender.phone, event.sender.userId];
}

test("no JSON whatsoever makes the parser throw or give back what cannot be stored", () => {
  const body = fc.oneof(
    fc.json({ maxDepth: 6, stringUnit: "binary" }).map((json): unknown => JSON.parse(json)),
    fc.anything(),
  );
  fc.assert(
    fc.property(body, (value) => {
      expect(listUnstorable(parseWebhook(value, RECEIVED_AT))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("no damage to a true webhook makes the parser throw or give back what cannot be stored", () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIXTURES), mutations, (json, changes) => {
      const results = parseWebhook(mutate(json, changes), RECEIVED_AT);
      expect(listUnstorable(results)).toEqual([]);
      expect(measureLongestId(results)).toBeLessThanOrEqual(ID_LENGTH_MAX);
    }),
    { numRuns: 1500 },
  );
});

test("damage to one change leaves the changes and entries around it as they were", () => {
  const whole: unknown = JSON.parse(readFixture("messages-and-statuses-together"));
  const [expected] = parseWebhook(whole, RECEIVED_AT);
  const entryOf = (body: unknown): unknown => Reflect.get(Object(body), "entry");
  fc.assert(
    fc.property(fc.constantFrom(...FIXTURES), mutations, (json, changes) => {
      const neighbours = entryOf(structuredClone(whole));
      const body = { entry: [neighbours, mutate(json, changes), neighbours].flat() };
      const results = parseWebhook(body, RECEIVED_AT);
      expect(results[0]).toEqual(expected);
      expect(results.at(-1)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("damage to one message or status leaves those around it as they were", () => {
  const text = { from: "15550001234", id: "wamid.1", timestamp: "1790000000", type: "text" };
  const message = { ...text, text: { body: "Hello" } };
  const status = { id: "wamid.2", status: "read", timestamp: "1790000000" };
  const value = (odd: readonly unknown[]) => ({
    messages: [message, ...odd, message],
    statuses: [status, ...odd, status],
  });
  const parse = (odd: readonly unknown[]) =>
    parseWebhook({ entry: [{ changes: [{ value: value(odd) }] }] }, RECEIVED_AT)[0]?.events ?? [];
  const [first, , third] = parse([]);
  expect([first?.kind, third?.kind]).toEqual(["message", "status"]);

  fc.assert(
    fc.property(fc.constantFrom(...FIXTURES), mutations, (json, changes) => {
      // Of all objects anywhere in a damaged webhook, each once stood for a message and a status.
      const events = parse(listObjects(mutate(json, changes)));
      expect(events.filter((event) => event.whatsappMessageId === "wamid.1")).toEqual([
        first,
        first,
      ]);
      expect(events[0]).toEqual(first);
      expect(events.at(-1)).toEqual(third);
    }),
    { numRuns: 500 },
  );
});

function listObjects(node: unknown): unknown[] {
  return [node, ...listPlaces(node).map(({ parent, key }): unknown => Reflect.get(parent, key))];
}
