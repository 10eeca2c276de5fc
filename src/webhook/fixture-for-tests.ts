import { readdirSync, readFileSync } from "node:fs";
import type { WebhookChange, WebhookEvent } from "#domain/webhook-event.ts";
import { parseWebhook } from "./parse-webhook.ts";

const FOLDER = new URL("../../test/fixtures/webhooks/", import.meta.url);

/** When the fixtures are received; later than any time in them. */
export const RECEIVED_AT = new Date("2026-11-25T12:00:00Z");

/** The time in the fixtures, where they have one. */
export const SENT_AT = new Date(1_790_000_000_000);

/** The business number that the fixtures are sent to. */
export const PHONE_NUMBER_ID = "106540352242922";

/** The names of all fixtures, sorted. */
export function listFixtures(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/u, ""))
    .toSorted();
}

/** The text of a fixture. */
export function readFixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, FOLDER), "utf8");
}

/** What our parser makes of a fixture. */
export function parseFixture(name: string): readonly WebhookChange[] {
  return parseWebhook(JSON.parse(readFixture(name)), RECEIVED_AT);
}

/** All events of a fixture, in order. */
export function parseFixtureEvents(name: string): readonly WebhookEvent[] {
  return parseFixture(name).flatMap((change) => change.events);
}
