import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "#domain/webhook-event.ts";
import { ANA, integrationOf } from "#tools/integration-for-tests.ts";
import { buildRequest } from "./build-request.ts";
import { readCallerFields } from "./caller-fields.ts";
import { readHttpSettings } from "./http-settings.ts";

const parametersOf = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, {}])),
});

function build(settings: JsonObject, input: JsonObject, toolConfig: JsonObject = {}) {
  const read = readHttpSettings(integrationOf({ settings, toolConfig }));
  return buildRequest(read, { input, caller: readCallerFields(ANA) });
}

test("values stand where the template puts them, encoded for their place", () => {
  const request = build(
    {
      method: "put",
      url: "https://api.example.com/orders/{order}/items?lang=en&day={day}",
      query: { by: "{{contact.id}}", missing: "{note}" },
      headers: { "X-Order": "no. {order}" },
      body: { amount: "{amount}", note: "{note}", text: "For {day}: {amount}", tags: ["{day}"] },
      parameters: parametersOf("order", "day", "amount", "note"),
    },
    { order: "7/8?", day: "1 May & 2", amount: 3 },
  );
  expect(request).toEqual({
    method: "PUT",
    url: `https://api.example.com/orders/7%2F8%3F/items?lang=en&day=1+May+%26+2&by=${ANA.contactId}`,
    headers: {
      accept: expect.stringContaining("application/json"),
      "content-type": "application/json",
      "x-order": "no. 7/8?",
    },
    body: '{"amount":3,"text":"For 1 May & 2: 3","tags":["1 May & 2"]}',
  });
});

test("without a template, arguments go into the query of a GET and into the body of a POST", () => {
  const parameters = parametersOf("day", "people");
  const input = { day: "1 May", people: [1, 2] };
  const url = "https://api.example.com/free";
  expect(build({ url, parameters }, input).url).toBe(`${url}?day=1+May&people=%5B1%2C2%5D`);
  const post = build({ url, parameters, method: "POST" }, input);
  expect(post).toMatchObject({ url, body: '{"day":"1 May","people":[1,2]}' });
  const form = build({ url, parameters, method: "POST", form: { d: "{day}" } }, input);
  expect(form.body).toBe("d=1+May&people=%5B1%2C2%5D");
});

test("what is bound cannot be overridden, and undeclared arguments are dropped", () => {
  const request = build(
    { url: "https://api.example.com/me", parameters: parametersOf("day", "customer") },
    { day: "Monday", customer: "somebody else", admin: true, __proto__: { x: 1 } },
    { bound: { customer: "{{contact.phone}}", tier: 2 } },
  );
  expect(request.url).toBe("https://api.example.com/me?day=Monday&customer=15551234567&tier=2");
});

test("what a model passes is never read as a template", () => {
  const request = build(
    {
      url: "https://api.example.com/{a}",
      method: "POST",
      body: { b: "{b}" },
      parameters: parametersOf("a", "b"),
    },
    { a: "{{contact.phone}}", b: "{a} {{organization.id}}" },
  );
  expect(decodeURIComponent(request.url)).toBe("https://api.example.com/{{contact.phone}}");
  expect(request.body).toBe('{"b":"{a} {{organization.id}}"}');
});

test("a bound field that is not known of the customer ends the call, not the tenancy", () => {
  expect(() =>
    build({ url: "https://api.example.com/me" }, {}, { bound: { user: "{{contact.user_id}}" } }),
  ).toThrow("needs contact.user_id");
});

const URL_OF_ALL = "https://api.example.com/orders";

test.each([
  { url: URL_OF_ALL, query: { user: "{{contact.user_id}}" } },
  { url: `${URL_OF_ALL}?user={{contact.user_id}}` },
  { url: `${URL_OF_ALL}/of-{{contact.user_id}}` },
  { url: URL_OF_ALL, headers: { "X-User": "{{contact.user_id}}" } },
  { url: URL_OF_ALL, method: "POST", body: { filter: [{ user: "{{contact.user_id}}" }] } },
  { url: URL_OF_ALL, method: "POST", form: { user: "{{contact.user_id}}" } },
])("who is not known does not get what is everybody's: %j", (settings) => {
  expect(() => build(settings, {})).toThrow("needs contact.user_id");
});

test.each(["..", ".", ""])("the path segment %j is refused", (id) => {
  const settings = { url: "https://api.example.com/a/{id}/b", parameters: parametersOf("id") };
  expect(() => build(settings, { id })).toThrow("id is missing or no name");
});

test("a header takes no line ends", () => {
  const settings = {
    url: "https://api.example.com/",
    headers: { "X-Note": "{note}" },
    parameters: parametersOf("note"),
  };
  expect(() => build(settings, { note: "a\r\nX-Admin: 1" })).toThrow("header X-Note");
});

test("no argument changes the server or the path around it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (a, b) => {
      const settings = {
        url: "https://api.example.com/v1/{a}/x{b}/end?q={b}",
        parameters: parametersOf("a", "b"),
      };
      fc.pre(!["", ".", ".."].includes(a) && a.isWellFormed() && b.isWellFormed());
      const url = new URL(build(settings, { a, b }).url);
      expect(url.origin).toBe("https://api.example.com");
      expect(url.pathname.split("/").map(decodeURIComponent)).toEqual([
        "",
        "v1",
        a,
        `x${b}`,
        "end",
      ]);
    }),
  );
});
