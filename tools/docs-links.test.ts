import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_FOLDER } from "../src/config.ts";

/** Every page that people read. */
const pages = [...listPages("."), ...listPages("docs"), "simulator/README.md"];

test.each(pages)("every link in %s leads somewhere", (page) => {
  const broken = linksOf(page).filter((link) => !leadsSomewhere(page, link));
  expect(broken).toEqual([]);
});

test("every page in docs can be reached from the README", () => {
  const reached = new Set<string>();
  const next = ["README.md"];
  for (let page = next.pop(); page !== undefined; page = next.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    next.push(
      ...linksOf(page)
        .map((link) => resolveLink(page, link).file)
        .filter((file) => file.endsWith(".md") && existsSync(join(PROJECT_FOLDER, file))),
    );
  }
  expect(listPages("docs").filter((page) => !reached.has(page))).toEqual([]);
});

function listPages(folder: string): readonly string[] {
  return readdirSync(join(PROJECT_FOLDER, folder), {
    recursive: folder !== ".",
    encoding: "utf8",
  })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file))
    .toSorted();
}

/** Links within the repository; code is not prose. */
function linksOf(page: string): readonly string[] {
  const prose = read(page)
    .replaceAll(/^```[\s\S]*?^```/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const { file, anchor } = resolveLink(page, link);
  if (!existsSync(join(PROJECT_FOLDER, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}

function resolveLink(page: string, link: string) {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : relative(".", join(dirname(page), path));
  return { file, anchor };
}

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function read(file: string): string {
  return readFileSync(join(PROJECT_FOLDER, file), "utf8");
}
