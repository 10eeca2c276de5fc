import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { explainFailure } from "./explain-failure.ts";

const withCode = (code: string, message = "a row of a customer"): Error =>
  Object.assign(new Error(message), { code });

test.for([
  ["ECONNREFUSED", "DATABASE_UNAVAILABLE", "does not answer"],
  ["57P03", "DATABASE_UNAVAILABLE", "does not answer"],
  ["3D000", "DATABASE_UNAVAILABLE", "does not exist"],
  ["28P01", "DATABASE_UNAVAILABLE", "password"],
  ["42P01", "SCHEMA_OUTDATED", "./parley migrate"],
  ["53100", "DATABASE_UNAVAILABLE", "disk"],
] as const)("%s is explained as %s: %s", ([code, expected, words]) => {
  for (const error of [withCode(code), new AppError("INTERNAL", "x", { cause: withCode(code) })]) {
    const failure = explainFailure(error);
    expect(failure.code).toBe(expected);
    expect(failure.message).toContain(words);
  }
});

test("an unforeseen failure tells its kind and code, and not its message", () => {
  expect(explainFailure(withCode("22P02")).message).toBe(
    "Something unforeseen failed (Error 22P02).",
  );
  expect(explainFailure("odd").message).toBe("Something unforeseen failed (string).");
});

test("our own failures stay as they are", () => {
  const error = new AppError("CONFLICT", "Taken.");
  expect(explainFailure(error)).toBe(error);
});
