import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createContractCheck } from "../test/support/windmill/check-contract.ts";
import { describeWindmill } from "./windmill-contract.ts";

test("the contract is that of Windmill's client as it is installed", async () => {
  const file = join(import.meta.dirname, "../test/support/windmill/contract.json");

  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(await describeWindmill());
});

test.for([
  ["an operation that there is not", "GET", "/w/x/scripts/fetch/p/f/a/b", undefined],
  ["an unknown word in the query", "POST", "/w/x/jobs/run/p/f/a/b?jobid=1", {}],
  ["a body that is no object", "POST", "/w/x/jobs/run/p/f/a/b", []],
  ["a body where there is none", "GET", "/w/x/scripts/get/p/f/a/b", {}],
  ["an unknown field", "POST", "/w/x/jobs_u/queue/cancel/1", { why: "so" }],
] as const)("the fake notices %s", ([, method, url, body]) => {
  const check = createContractCheck();

  check.request({ method, url, body });

  expect(check.violations).toHaveLength(1);
});

test("the fake notices what it answers itself and Windmill would not", () => {
  const check = createContractCheck();
  const answers = [
    ["getCompletedJobResultMaybe", 200, { completed: true }],
    ["getCompletedJobResultMaybe", 200, { completed: true, result: 1, succes: true }],
    ["runScriptByPath", 200, "id"],
    ["getJob", 200, { type: "QueuedJob" }],
  ] as const;

  for (const [operation, status, body] of answers) check.answer(operation, status, body);

  expect(check.violations).toHaveLength(answers.length);
});

test("what Windmill's client knows is no violation", () => {
  const check = createContractCheck();

  const known = check.request({
    method: "POST",
    url: "/w/parley/jobs/run/p/f/tools/find_order?job_id=1&tag=tools",
    body: { order: 7 },
  });
  check.answer("runScriptByPath", 201, "1");
  check.answer("getCompletedJobResultMaybe", 200, { completed: false, result: null });

  expect(known).toMatchObject({
    operation: "runScriptByPath",
    parts: { workspace: "parley", path: "f/tools/find_order" },
  });
  expect(check.violations).toEqual([]);
});
