import { buildPdf } from "../../fixtures/documents/build-documents.ts";

const WORDS =
  "the printer paper tray opens when you press and hold green button for two seconds then slide cassette out clean rollers with soft dry cloth never use water or alcohol check that cable is firmly connected before starting service menu shows remaining toner level error code network address serial number of device warranty covers parts labour within first year after purchase customers should keep original receipt".split(
    " ",
  );

/** A PDF manual of so many pages, of about 3,900 characters each, no two lines alike. */
export function buildManual(pages: number): Buffer {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const words = (count: number): string =>
    Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
  return buildPdf(
    Array.from({ length: pages }, (_, page) =>
      [
        `Chapter ${page + 1}: ${words(4)}`,
        ...Array.from({ length: 45 }, () => `${words(14)}.`),
      ].join("\n"),
    ),
  );
}
