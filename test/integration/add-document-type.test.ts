import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { PROJECT_FOLDER } from "../../src/config.ts";
import type { extractDocument } from "../../src/knowledge/extract/extract-document.ts";
import { codeOf, expectDocument, extractBytes } from "../fixtures/documents/extract-fixture.ts";

const SUBTITLES = Buffer.from("WEBVTT\n\n00:01.000 --> 00:03.000\nDescale it every month.\n");

/** The one file. */
const EXTRACTOR = `
import { createBlockList } from "./block-list.ts";
import { decodeText } from "./decode-text.ts";
import type { Extractor } from "./extractor.ts";

/** Subtitles of films: what is said, without the times. */
export const subtitlesExtractor: Extractor = {
  type: "subtitles",
  sourceType: "text",
  mediaType: "text/vtt",
  recognises: ({ textStart }) => textStart?.startsWith("WEBVTT") ?? false,
  extract: async ({ bytes }, limits) => {
    const list = createBlockList(limits);
    const [, ...cues] = (decodeText(bytes)?.text ?? "").split(/\\n\\n+/);
    for (const cue of cues) list.addText(cue.replace(/^.*-->.*\\n/, ""));
    return { title: null, pages: null, blocks: list.finish(), warnings: [] };
  },
};
`;

test("a new type of document takes one file and one line", async () => {
  expect(codeOf(await extractBytes(SUBTITLES))).toBe("extracted as text");
  mkdirSync(join(PROJECT_FOLDER, "data-test"), { recursive: true });
  const copy = mkdtempSync(join(PROJECT_FOLDER, "data-test", "add-type-"));
  try {
    const folder = join(copy, "src/knowledge/extract");
    for (const path of ["src/domain", "src/knowledge/extract", "package.json"]) {
      cpSync(join(PROJECT_FOLDER, path), join(copy, path), { recursive: true });
    }
    writeFileSync(join(folder, "extract-subtitles.ts"), EXTRACTOR);
    const table = readFileSync(join(folder, "extractors.ts"), "utf8");
    writeFileSync(
      join(folder, "extractors.ts"),
      `import { subtitlesExtractor } from "./extract-subtitles.ts";\n${table.replace("  pdfExtractor,", "  pdfExtractor, subtitlesExtractor,")}`,
    );
    const extended: { readonly extractDocument: typeof extractDocument } = await import(
      pathToFileURL(join(folder, "extract-document.ts")).href
    );
    const file = { bytes: SUBTITLES, name: null, url: null, charset: null };
    const outcome = await extended.extractDocument(file);
    expect(codeOf(outcome)).toBe("extracted as subtitles");
    expect(expectDocument(outcome).blocks.map(({ text }) => text)).toEqual([
      "Descale it every month.",
    ]);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
