import { expect, test } from "vitest";
import { buildPassageTerms, buildQuestionTerms } from "./build-terms.ts";

const passage = (text: string, title = "", headings: readonly string[] = []) =>
  parse(buildPassageTerms({ title, headings, text }));

function parse(terms: string): ReadonlyMap<number, number> {
  const inner = terms.slice(1, terms.indexOf("}"));
  const entries = inner === "" ? [] : inner.split(",");
  return new Map(
    entries.map((entry) => {
      const [id = "", weight = ""] = entry.split(":");
      return [Number(id), Number(weight)];
    }),
  );
}

function score(question: string, terms: ReadonlyMap<number, number>): number {
  return buildQuestionTerms(question).reduce((sum, id) => sum + (terms.get(id) ?? 0), 0);
}

test.each([
  ["¿A qué hora abren?", "Abrimos a las nueve: horas de apertura.", "Reparaciones en tres semanas"],
  ["Que horas vocês abrem?", "Horários: a loja abre às nove horas.", "Consertos em três semanas"],
  ["Wann öffnet das Geschäft?", "Geschäftszeiten: geöffnet ab neun.", "Reparaturen: drei Wochen"],
  ["営業時間は何時からですか", "営業は九時からです。", "修理には三週間かかります。"],
  ["متى ساعة الافتتاح؟", "ساعات العمل والافتتاح من التاسعة", "التصليح يستغرق ثلاثة أسابيع"],
  ["영업시간이 어떻게 되나요", "영업시간은 아홉 시부터입니다", "수리는 삼 주 걸립니다"],
  ["ร้านเปิดกี่โมง", "ร้านเปิดเก้าโมงเช้า", "การซ่อมใช้เวลาสามสัปดาห์"],
  ["когда открывается магазин", "Магазин открыт с девяти часов", "Ремонт занимает три недели"],
])("%j is nearer to the passage that answers it, in other word forms", (question, right, wrong) => {
  expect(score(question, passage(right))).toBeGreaterThan(score(question, passage(wrong)));
});

test("a word in a heading counts more than in the text, and the exact form more than another", () => {
  const filler = "We are open on all days but Sunday.";
  const heading = score("delivery", passage(filler, "", ["Delivery"]));
  const text = score("delivery", passage(`${filler} Delivery`));
  const otherForm = score("delivery", passage(`${filler} Deliveries`));
  expect(heading).toBeGreaterThan(text);
  expect(text).toBeGreaterThan(otherForm);
  expect(otherForm).toBeGreaterThan(0);
});

test("a name that is title and heading at once counts once", () => {
  expect(passage("text", "Prices", ["Prices"])).toEqual(passage("text", "Prices"));
});

test("terms are what the database takes: ascending ids in range, and an empty text is empty", () => {
  const terms = buildPassageTerms({ title: "", headings: [], text: "the shop, the price" });
  expect(terms).toMatch(/^\{\d+:\d+\.\d{4}(,\d+:\d+\.\d{4})*\}\/1000000000$/);
  const ids = [...parse(terms).keys()];
  expect(ids).toEqual(ids.toSorted((first, second) => first - second));
  for (const id of ids) {
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThanOrEqual(999_999_937);
  }
  expect(buildPassageTerms({ title: "", headings: [], text: "!" })).toBe("{}/1000000000");
  expect(buildQuestionTerms("?")).toEqual([]);
});

test("a pasted page is asked for with its first words only", () => {
  const page = Array.from({ length: 2_000 }, (_, index) => `word${index}x`).join(" ");
  expect(buildQuestionTerms(page)).toHaveLength(512);
  expect(buildQuestionTerms(page)).toEqual(
    buildQuestionTerms(page).toSorted((first, second) => first - second),
  );
});
