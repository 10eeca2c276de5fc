import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_FOLDER } from "../src/config.ts";
import { ERRORS } from "../src/domain/errors.ts";

type Documented = {
  readonly status: number;
  readonly retryable: boolean;
  readonly explanation: string;
  readonly advice: string;
};

const page = readFileSync(join(PROJECT_FOLDER, "docs/errors.md"), "utf8");
const sections = [...page.matchAll(/^### ([A-Z_]+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)];
const documented = new Map(
  sections.map(([, code = "", text = ""]) => [code, readSection(text)] as const),
);

test("docs/errors.md has a section for every error code, and for no other", () => {
  expect(sections.map(([, code = ""]) => code).toSorted()).toEqual(Object.keys(ERRORS).toSorted());
});

test.each(Object.entries(ERRORS))(
  "docs/errors.md tells of %s what the code says",
  (code, error) => {
    const section = documented.get(code);
    expect(section).toMatchObject({
      status: error.status,
      retryable: error.retryable,
      explanation: error.explanation,
    });
    expect(section?.advice).toMatch(/^\*\*Who:\*\* .+ \*\*Do:\*\* .{10}/);
  },
);

function readSection(text: string): Documented | null {
  const [head = "", explanation = "", advice = ""] = text.trim().split(/\n\n?/);
  const facts = /^HTTP (\d{3}) · retried: (yes|no)$/.exec(head);
  if (facts === null) return null;
  return { status: Number(facts[1]), retryable: facts[2] === "yes", explanation, advice };
}
