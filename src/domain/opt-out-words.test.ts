import { expect, test } from "vitest";
import { readOptWish } from "./opt-out-words.ts";

test.each([
  ["STOP", null],
  ["Stop!", null],
  [" stop. ", null],
  ["Unsubscribe", "en"],
  ["Stop promotions", "en"],
  ["SAIR", "pt"],
  ["Cancelar inscrição", "pt"],
  ["BAJA", "es"],
  ["Abonelikten çık", "tr"],
  ["RET", "tr"],
  ["إلغاء الاشتراك", "ar"],
  ["توقف", "ar"],
  ["बंद करो", "hi"],
  ["Abmelden", "de"],
  ["se désabonner", "fr"],
])("%j as a whole message opts out", (text, language) => {
  expect(readOptWish(text)).toEqual({ wish: "out", language });
});

test.each([
  ["START", null],
  ["alta", "es"],
  ["BAŞLAT", "tr"],
  ["ابدأ", "ar"],
  ["शुरू करें", "hi"],
  ["Démarrer", "fr"],
])("%j opts in again", (text, language) => {
  expect(readOptWish(text)).toEqual({ wish: "in", language });
});

test.each([
  "Where is the bus stop?",
  "please stop the order",
  "cancel",
  "cancelar",
  "end",
  "When does the film start",
  "STOP ".repeat(100),
  "",
  "🛑",
])("%j is an ordinary message", (text) => {
  expect(readOptWish(text)).toBeNull();
});
