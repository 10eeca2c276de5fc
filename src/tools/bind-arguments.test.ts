import { expect, test } from "vitest";
import {
  assertBound,
  bindArguments,
  fillArguments,
  onlyDeclared,
  withoutBound,
} from "./bind-arguments.ts";
import { ANA } from "./integration-for-tests.ts";

test("bound arguments are the server's, placeholders filled, at any depth", () => {
  const bound = {
    tenant: "{{organization.id}}",
    note: "for {{contact.name}}",
    filter: { phone: "{{contact.phone}}", open: true },
    database: "$res:f/tools/orders",
  };

  expect(bindArguments(bound, ANA)).toEqual({
    tenant: ANA.organizationId,
    note: "for Ana",
    filter: { phone: ANA.contact.phone, open: true },
    database: "$res:f/tools/orders",
  });
});

test.for([
  { user: "{{contact.user_id}}" },
  { filter: [{ text: "user {{contact.user_id}}" }], limit: 5 },
])("what is not known of a contact ends the call, and is not left out: %j", (bound) => {
  expect(() => bindArguments(bound, ANA)).toThrow(
    expect.objectContaining({
      code: "TOOL_ARGUMENTS_INVALID",
      message: expect.stringContaining("contact.user_id"),
    }),
  );
});

test("a bound argument is never the model's, also when nothing is known to bind", () => {
  const said = { user: "US.1", phone: "999", order: 7 };

  expect(fillArguments(said, { phone: "{{contact.phone}}" }, ANA)).toEqual({
    user: "US.1",
    order: 7,
    phone: ANA.contact.phone,
  });
  expect(() => fillArguments(said, { user: "{{contact.user_id}}" }, ANA)).toThrow("user_id");
});

test("arguments that a schema does not name are left out", () => {
  const schema = { type: "object", properties: { order: { type: "integer" } } };

  expect(onlyDeclared({ order: 7, toString: "x", phone: "999" }, schema)).toEqual({ order: 7 });
});

test.for(["{{contact.password}}", "{order}"])("there is no %s", (placeholder) => {
  expect(() => assertBound({ value: placeholder })).toThrow(
    expect.objectContaining({ code: "TOOL_MISCONFIGURED" }),
  );
});

test("a model sees nothing of what is bound", () => {
  const schema = {
    type: "object",
    properties: { order: { type: "integer" }, tenant: { type: "string" } },
    required: ["order", "tenant"],
  };

  expect(withoutBound(schema, { tenant: "x" })).toEqual({
    type: "object",
    properties: { order: { type: "integer" } },
    required: ["order"],
  });
  expect(withoutBound({}, {})).toEqual({ type: "object", properties: {}, required: [] });
});
