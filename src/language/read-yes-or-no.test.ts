import { expect, test } from "vitest";
import { LANGUAGES } from "#domain/language.ts";
import { readYesOrNo } from "./read-yes-or-no.ts";
import { sentence } from "./sentences.ts";

test.each(["Yes!", " SIM ", "¡Sí!", "Evet.", "نعم", "जी हाँ।", "Ja, bitte", "D'accord", "👍🏽", "ok"])(
  "%s is a yes",
  (text) => {
    expect(readYesOrNo(text)).toBe("yes");
  },
);

test.each(["No.", "Não", "hayır", "لا", "नहीं", "Nein, danke!", "non merci", "👎", "cancel"])(
  "%s is a no",
  (text) => {
    expect(readYesOrNo(text)).toBe("no");
  },
);

test.each(["yes but for five", "no problem, go ahead", "", "what?", "yesterday", "y n"])(
  "%s is neither",
  (text) => {
    expect(readYesOrNo(text)).toBeNull();
  },
);

test.each(LANGUAGES)("the buttons' own words are understood in %s, and fit on them", (language) => {
  expect(readYesOrNo(sentence("confirm", language))).toBe("yes");
  expect(readYesOrNo(sentence("cancel", language))).toBe("no");
  expect(sentence("confirm", language).length).toBeLessThanOrEqual(20);
});
