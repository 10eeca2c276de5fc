import { expect, test } from "vitest";
import {
  buildDocx,
  buildOleFile,
  buildPdf,
  buildRawPdf,
  buildStream,
  buildZip,
} from "../fixtures/documents/build-documents.ts";
import {
  codeOf,
  expectDocument,
  extractBytes,
  readFixture,
  textOf,
} from "../fixtures/documents/extract-fixture.ts";

const MEBIBYTE = 1024 * 1024;
const PARAGRAPH = "<w:p><w:r><w:t>Again and again the same words.</w:t></w:r></w:p>";
const CELL = "<w:tbl><w:tr><w:tc>";
const CELL_END = "</w:tc></w:tr></w:tbl>";

test.each<[what: string, code: string, bytes: () => Buffer]>([
  ["no bytes", "DOCUMENT_EMPTY", () => Buffer.alloc(0)],
  ["white space", "DOCUMENT_EMPTY", () => Buffer.from(" \r\n\t ")],
  ["a PDF with a password", "DOCUMENT_PASSWORD_PROTECTED", () => readFixture("locked.pdf")],
  [
    "a docx with a password",
    "DOCUMENT_PASSWORD_PROTECTED",
    () => buildOleFile(["EncryptionInfo", "EncryptedPackage"]),
  ],
  [
    "a doc with a password",
    "DOCUMENT_PASSWORD_PROTECTED",
    () => lockDoc(readFixture("handbook.doc")),
  ],
  ["a scanned PDF", "DOCUMENT_WITHOUT_TEXT", () => readFixture("scan.pdf")],
  ["a docx without text", "DOCUMENT_WITHOUT_TEXT", () => buildDocx("<w:p/>")],
  ["half a PDF", "DOCUMENT_CORRUPT", () => firstHalf("handbook.pdf")],
  ["half a docx", "DOCUMENT_CORRUPT", () => firstHalf("handbook.docx")],
  ["half a doc", "DOCUMENT_CORRUPT", () => firstHalf("handbook.doc")],
  ["a docx of broken XML", "DOCUMENT_CORRUPT", () => buildDocx("<w:p><w:r>")],
  ["a picture", "DOCUMENT_TYPE_UNSUPPORTED", () => Buffer.from("89504e470d0a1a0a0000000d", "hex")],
  ["random bytes", "DOCUMENT_TYPE_UNSUPPORTED", () => Buffer.from([1, 0, 2, 0, 3, 255, 254, 0])],
  [
    "a zip of something",
    "DOCUMENT_TYPE_UNSUPPORTED",
    () => buildZip([{ name: "a.txt", content: "a" }]),
  ],
  ["an old workbook", "DOCUMENT_TYPE_UNSUPPORTED", () => buildOleFile(["Workbook"])],
  ["more than 10 MB", "DOCUMENT_TOO_LARGE", () => Buffer.alloc(10 * MEBIBYTE + 1, "a")],
  ["an honest zip bomb", "DOCUMENT_TOO_LARGE_UNPACKED", () => buildDocx(PARAGRAPH, [bomb()])],
  [
    "a zip bomb that lies about its size",
    "DOCUMENT_CORRUPT",
    () => buildDocx(PARAGRAPH, [{ ...bomb(), claimedBytes: 1000 }]),
  ],
  [
    "a PDF of 2,001 pages",
    "DOCUMENT_TOO_MANY_PAGES",
    () => buildPdf(Array<string>(2001).fill("x")),
  ],
  ["a PDF that says it has a billion pages", "DOCUMENT_CORRUPT", buildPagesBomb],
])("%s ends as %s, with a sentence that says what to do", async (_, code, bytes) => {
  const outcome = await extractBytes(bytes());
  expect(codeOf(outcome)).toBe(code);
  expect(outcome.kind === "failed" && outcome.error.message).toMatch(/\. \S.*\.$/);
});

test("a page of 2,000 nested elements is read, or ends in time", async () => {
  const html = `<html><body>${"<div>".repeat(2000)}<p>Deep down.</p>${"</div>".repeat(2000)}</body></html>`;
  const outcome = await extractBytes(Buffer.from(html), { limits: { durationMs: 30_000 } });
  expect(textOf(expectDocument(outcome))).toBe("Deep down.");
});

test("a page of 200,000 nested elements ends with a reason", async () => {
  const html = `<html><body>${"<b><div>".repeat(100_000)}Deep down.</body></html>`;
  const outcome = await extractBytes(Buffer.from(html), { limits: { durationMs: 4000 } });
  expect(codeOf(outcome)).toMatch(/^DOCUMENT_(TOO_SLOW|CORRUPT|TOO_MUCH_MEMORY)$|^extracted/);
});

test("a Word file of 3,000 nested tables ends with a reason", async () => {
  const body = CELL.repeat(3000) + PARAGRAPH + CELL_END.repeat(3000);
  const outcome = await extractBytes(buildDocx(body), { limits: { durationMs: 4000 } });
  expect(codeOf(outcome)).toMatch(/^DOCUMENT_(TOO_SLOW|CORRUPT|TOO_MUCH_MEMORY)$|^extracted/);
});

test("a picture that says it has ten billion pixels costs nothing", async () => {
  const outcome = await extractBytes(buildHugePicture());
  expect(codeOf(outcome)).toBe("DOCUMENT_WITHOUT_TEXT");
  expect(outcome.memoryBytesPeak).toBeLessThan(400 * MEBIBYTE);
});

test("a page of a PDF that unpacks to gigabytes of drawing ends with a reason", async () => {
  const outcome = await extractBytes(buildEndlessPage(), { limits: { durationMs: 4000 } });
  expect(codeOf(outcome)).toMatch(/^DOCUMENT_TOO_(SLOW|MUCH_MEMORY|LONG)$/);
});

test("a table that says it has a million columns has as many as a page can show", async () => {
  const html = `<html><body><table><tr><td colspan="1000000" rowspan="1000000">a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></body></html>`;
  const document = expectDocument(await extractBytes(Buffer.from(html)));
  expect(textOf(document).length).toBeLessThan(5000);
});

test("a text of 10 MB is read, in blocks that are short enough to be handed on", async () => {
  const bytes = Buffer.alloc(10 * MEBIBYTE - 500_000, "word ");
  const document = expectDocument(await extractBytes(bytes));
  expect(Math.max(...document.blocks.map(({ text }) => text.length))).toBeLessThanOrEqual(20_000);
  expect(textOf(document).length).toBeGreaterThan(9_900_000);
});

test("more text than allowed ends as DOCUMENT_TOO_LONG", async () => {
  const outcome = await extractBytes(Buffer.alloc(5000, "word "), {
    limits: { charactersMax: 1000 },
  });
  expect(codeOf(outcome)).toBe("DOCUMENT_TOO_LONG");
});

function firstHalf(name: string): Buffer {
  const bytes = readFixture(name);
  return bytes.subarray(0, bytes.length / 2);
}

function bomb(): { readonly name: string; readonly content: Buffer } {
  return { name: "word/footnotes.xml", content: Buffer.alloc(200 * MEBIBYTE, "a") };
}

/** Sets the flag that Word sets when it encrypts. */
function lockDoc(bytes: Buffer): Buffer {
  const locked = Buffer.from(bytes);
  const header = locked.indexOf(Buffer.from([0xec, 0xa5]), 512);
  locked.writeUInt16LE(locked.readUInt16LE(header + 0x0a) | 0x0100, header + 0x0a);
  return locked;
}

function buildPagesBomb(): Buffer {
  return buildRawPdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1000000000 /Kids [2 0 R 2 0 R 2 0 R] >>",
  ]);
}

function buildHugePicture(): Buffer {
  return buildRawPdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100000 100000] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
    buildStream("q 100000 0 0 100000 0 0 cm /I Do Q"),
    buildStream(
      Buffer.alloc(MEBIBYTE),
      "/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB /BitsPerComponent 8",
    ),
  ]);
}

/** A form that draws ten forms that draw ten forms …: 10^9 texts in a few hundred bytes. */
function buildEndlessPage(): Buffer {
  const levels = 9;
  const draw = (form: number): string => `/F${String(form)} Do\n`.repeat(10);
  const forms = Array.from({ length: levels }, (_, level) =>
    buildStream(
      level === levels - 1 ? "BT /T 10 Tf 10 10 Td (more text) Tj ET" : draw(level + 1),
      `/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /Font << /T 5 0 R >> /XObject << /F${String(level + 1)} ${String(7 + level)} 0 R >> >>`,
    ),
  );
  return buildRawPdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << /XObject << /F0 6 0 R >> >> >>",
    buildStream(draw(0)),
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...forms,
  ]);
}
