import fc from "fast-check";
import { expect, test } from "vitest";
import { tokenize } from "./tokenize.ts";

test.each([
  ["What's the price?  3.50 €", ["what's", "the", "price", "3.50"]],
  ["HORÁRIO de Funcionamento", ["horario", "de", "funcionamento"]],
  ["ｶﾞｿﾘﾝ １２３", ["ガソリン", "123"]],
  ["営業時間はいつですか", ["営業", "時間", "は", "いつ", "です", "か"]],
  ["营业时间是什么时候", ["营业", "时间", "是", "什么时候"]],
  ["ร้านเปิดกี่โมง", ["ร้าน", "เปิด", "กี่", "โมง"]],
  ["مَا هِيَ سَاعَاتُ العَمَل؟", ["ما", "هي", "ساعات", "العمل"]],
  ["दुकान कब खुलती है", ["दुकान", "कब", "खुलती", "है"]],
  ["👍 …", []],
])("%j becomes its words", (text, words) => {
  expect(tokenize(text)).toEqual(words);
});

test("ASCII is cut as the Unicode segmenter cuts it", () => {
  const segmenter = new Intl.Segmenter("und", { granularity: "word" });
  const signs = fc.constantFrom(...Array.from("ab09_'.:,; \"-/@$%\n\tZ"));
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(signs, fc.string({ minLength: 1, maxLength: 1 })) }),
      (text) => {
        const segments = Array.from(segmenter.segment(text.toLowerCase()));
        const words = segments.filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
        expect(tokenize(text)).toEqual(words);
      },
    ),
    { numRuns: 2_000 },
  );
});
