import type { JsonObject, Person } from "#domain/webhook-event.ts";
import { normalizePhone } from "./normalize-phone.ts";
import { readId, readObject, readObjects, readText } from "./read-json.ts";

/** Completes what a message says of a person with what the webhook's `contacts` say of them. */
export type ContactBook = (person: Person) => Person;

/**
 * Reads a person from Meta's scattered fields, such as `from`, `from_user_id` and
 * `from_parent_user_id`. Fields that are missing or unusable are left out.
 */
export function parsePerson(
  source: JsonObject,
  keys: { readonly phone: string; readonly userId: string; readonly parentUserId: string },
): Person {
  return buildPerson({
    phone: normalizePhone(source[keys.phone]),
    userId: readId(source, keys.userId),
    parentUserId: readId(source, keys.parentUserId),
  });
}

/**
 * Indexes the `contacts` of a webhook's value. They are matched by user id or phone number, never
 * by position: Meta does not promise one contact per message, and leaves them out at times.
 */
export function createContactBook(value: JsonObject): ContactBook {
  const byPhone = new Map<string, Person>();
  const byUserId = new Map<string, Person>();
  for (const entry of readObjects(value, "contacts")) {
    const contact = parseContact(entry);
    if (contact.phone !== undefined) byPhone.set(contact.phone, contact);
    if (contact.userId !== undefined) byUserId.set(contact.userId, contact);
  }
  return (person) => {
    const byId = person.userId === undefined ? undefined : byUserId.get(person.userId);
    const byNumber = person.phone === undefined ? undefined : byPhone.get(person.phone);
    return { ...(byId ?? (isSomebodyElse(byNumber, person) ? undefined : byNumber)), ...person };
  };
}

/** A person of the parts that are known; whoever has no phone and no user id is nobody. */
export function buildPerson(parts: {
  readonly [Key in keyof Person]: Person[Key] | undefined;
}): Person {
  return {
    ...(parts.phone === undefined ? {} : { phone: parts.phone }),
    ...(parts.userId === undefined ? {} : { userId: parts.userId }),
    ...(parts.parentUserId === undefined ? {} : { parentUserId: parts.parentUserId }),
    ...(parts.profileName === undefined ? {} : { profileName: parts.profileName }),
    ...(parts.username === undefined ? {} : { username: parts.username }),
  };
}

/** Whether anything tells this person from others. */
export function isKnown(person: Person): boolean {
  return person.phone !== undefined || person.userId !== undefined;
}

/** A number may have gone to another person, whose name and ids must not be mixed in. */
function isSomebodyElse(contact: Person | undefined, person: Person): boolean {
  return (
    contact?.userId !== undefined && person.userId !== undefined && contact.userId !== person.userId
  );
}

function parseContact(entry: JsonObject): Person {
  const profile = readObject(entry, "profile");
  return buildPerson({
    phone: normalizePhone(entry["wa_id"]),
    userId: readId(entry, "user_id"),
    parentUserId: readId(entry, "parent_user_id"),
    profileName: readText(profile, "name"),
    username: readText(profile, "username"),
  });
}
