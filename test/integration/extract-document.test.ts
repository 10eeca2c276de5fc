import { expect, test } from "vitest";
import { extractDocument } from "../../src/knowledge/extract/extract-document.ts";
import { buildJapanesePdf, buildPdf } from "../fixtures/documents/build-documents.ts";
import {
  codeOf,
  expectDocument,
  extractBytes,
  readFixture,
  textOf,
} from "../fixtures/documents/extract-fixture.ts";

const PRICES = {
  text: "| Service | Price | Duration |\n| Descaling | 25 € | 1 day |\n| New pump | 89 € | 5 days |\n| New seal |  | 2 days |",
  headings: ["Prices"],
};

test("a PDF becomes paragraphs, lists and tables under their headings, with their pages", async () => {
  const document = expectDocument(await extractBytes(readFixture("handbook.pdf")));
  expect(document).toMatchObject({ title: "Aurora Handbook", pages: 5, warnings: [] });
  expect(document.blocks).toContainEqual({ ...PRICES, page: 2 });
  expect(document.blocks).toContainEqual({
    text: "• Bring the machine\n• Bring the receipt\n• A copy is enough",
    headings: ["Opening hours", "Repairs"],
    page: 1,
  });
});

test("a PDF's ligatures become letters, its running head stands once, its page numbers nowhere", async () => {
  const text = textOf(expectDocument(await extractBytes(readFixture("handbook.pdf"))));
  expect(text).toContain("The staff offers an efficient, affirmative and flawless service.");
  expect(text.match(/Aurora Ltd\. internal/g)).toHaveLength(1);
  expect(text).not.toMatch(/Page \d/);
});

test("a PDF's columns are read one after the other, and a sentence goes on in the next", async () => {
  const text = textOf(expectDocument(await extractBytes(readFixture("handbook.pdf"))));
  expect([...text.matchAll(/ALPHA|BRAVO|CHARLIE|DELTA/g)].map(String)).toEqual([
    "ALPHA",
    "BRAVO",
    "CHARLIE",
    "DELTA",
  ]);
  expect(text).toContain("nobody was hurt, and the drawings had been kept");
});

test("a Japanese PDF is read with the fonts in it, and without them by Adobe's tables", async () => {
  const printed = expectDocument(await extractBytes(readFixture("japanese.pdf")));
  expect(printed.blocks[0]).toMatchObject({ headings: ["保証について"], page: 1 });
  expect(textOf(printed)).toContain("この製品の保証期間は二年です。");
  const shiftJis = readFixture("warranty-shift-jis.txt");
  const line = shiftJis.subarray(0, shiftJis.indexOf("\n"));
  const bare = expectDocument(await extractBytes(buildJapanesePdf(line)));
  expect(textOf(bare)).toBe("この製品の保証期間は二年です。");
});

test("a PDF that only forbids changes is read", async () => {
  const outcome = await extractBytes(readFixture("owner-locked.pdf"));
  expect(textOf(expectDocument(outcome))).toContain("All prices include tax.");
});

test("a Word file keeps headings, lists, tables and text boxes; notes stand where they belong", async () => {
  const document = expectDocument(await extractBytes(readFixture("handbook.docx")));
  const texts = document.blocks.map(({ text }) => text);
  expect(document.title).toBe("Aurora Handbook");
  expect(document.blocks).toContainEqual({ ...PRICES, page: null });
  expect(texts).toContain("Emergency line: 555 0199, day and night.");
  expect(texts).toContain("- Bring the machine\n- Bring the receipt\n  - A copy is enough");
  expect(texts).toContain("Write to [our contact page](https://example.com/contact).");
  expect(texts[0]).toMatch(
    /^The workshop .* Friday \(Closed on public holidays\.\), nine to five\./,
  );
});

test("an old Word file keeps its text, tables, text boxes and notes", async () => {
  const text = textOf(expectDocument(await extractBytes(readFixture("handbook.doc"))));
  expect(text).toContain(PRICES.text);
  expect(text).toContain("Emergency line: 555 0199, day and night.");
  expect(text).toContain("Closed on public holidays.");
  expect(text).toContain("Ação, coração, pão.");
});

test("a web page keeps its content and whole links, and nothing of its frame", async () => {
  const url = "https://aurora.example/en/help/delivery";
  const bytes = readFixture("shop-page.html");
  const document = expectDocument(await extractDocument({ bytes, name: null, url, charset: null }));
  expect(document.title).toBe("Delivery and returns | Aurora Shop");
  expect(document.blocks).toContainEqual({
    text: "| Country | Up to 5 kg | Up to 20 kg |\n| Portugal | 4.90 € | 9.90 € |\n| Spain | 6.90 € | 12.90 € |\n| France | 6.90 € | 14.90 € |",
    headings: ["Delivery and returns", "What delivery costs"],
    page: null,
  });
  const text = textOf(document);
  expect(text).toContain("[delivery terms](https://aurora.example/en/terms#delivery)");
  expect(text).toContain("2. Pack the machine:\n  - empty the tank");
  expect(text).not.toMatch(/cookie|Machines|Popular|You may also|Imprint|tracking|robots|Search/);
});

test.each([
  ["warranty-shift-jis.txt", "この製品の保証期間は二年です。"],
  ["warranty-windows-1251.txt", "Гарантия на изделие составляет два года."],
  ["letter-windows-1252.txt", "Die Maschine läuft – geprüft für „Müller & Söhne“ – für 12 €."],
  ["guarantee-utf-16le-without-mark.txt", "The guarantee is two years."],
])("%s is read in its encoding", async (name, first) => {
  const document = expectDocument(await extractBytes(readFixture(name)));
  expect(document.blocks[0]?.text).toBe(first);
});

test("a table with semicolons keeps its cells", async () => {
  const document = expectDocument(await extractBytes(readFixture("prices-windows-1252.csv")));
  expect(document.blocks[0]?.text).toBe(
    '| Artikel | Preis | Lieferzeit |\n| Filter; groß | 4,90 € | 2 Tage |\n| Ventil "Spezial" | 12,50 € | 5 Tage |\n| Dichtung | 1,20 € |  |',
  );
});

test("the bytes decide what a file is, whatever its name says", async () => {
  const bytes = readFixture("handbook.docx");
  const outcome = await extractDocument({ bytes, name: "manual.pdf", url: null, charset: null });
  expect(codeOf(outcome)).toBe("extracted as docx");
});

test("a PDF of 700 pages is read whole, within the limits", async () => {
  const pages = Array.from({ length: 700 }, (_, page) =>
    Array.from(
      { length: 45 },
      (_, line) => `Fact ${String(page * 45 + line)} of the manual is true.`,
    ),
  );
  const outcome = await extractBytes(buildPdf(pages.map((lines) => lines.join("\n"))));
  const document = expectDocument(outcome);
  expect(document.pages).toBe(700);
  expect(document.blocks.at(-1)?.page).toBe(700);
  const words = textOf(document).split(/\s+/);
  expect(words.filter((word) => word === "Fact")).toHaveLength(700 * 45);
}, 120_000);

test("an aborted signal ends the reading with its reason", async () => {
  const aborted = AbortSignal.abort(new Error("the turn was taken over"));
  const file = { bytes: Buffer.from("text"), name: null, url: null, charset: null };
  await expect(extractDocument(file, { signal: aborted })).rejects.toThrow("taken over");
});
