import { expect, test } from "vitest";
import { asksForHuman, saysNotHelped } from "./asks-for-human.ts";

const NO_KEYWORDS = { keywords: [], language: null };

test.each([
  ["en", "I want to talk to a person"],
  ["en", "HUMAN!!"],
  ["en", "please, agent"],
  ["en", "No, I want to speak with someone real please"],
  ["en", "can you connect me to a human agent?"],
  ["pt", "Quero falar com um atendente"],
  ["pt", "Não, quero falar com uma pessoa de verdade"],
  ["pt", "atendente por favor"],
  ["es", "¿Puedo hablar con alguien?"],
  ["es", "Quiero hablar con una persona"],
  ["es", "Asesor, por favor"],
  ["tr", "Müşteri temsilcisiyle görüşmek istiyorum"],
  ["tr", "lütfen beni bir insana bağlayın"],
  ["tr", "CANLI DESTEK"],
  ["ar", "أريد التحدث مع شخص حقيقي"],
  ["ar", "ممكن اتحدث الى موظف؟"],
  ["ar", "موظف من فضلك"],
  ["hi", "मुझे किसी इंसान से बात करनी है"],
  ["hi", "kisi insaan se baat karni hai"],
  ["de", "Ich möchte mit einem Menschen sprechen"],
  ["de", "Kann ich bitte mit jemandem reden?"],
  ["de", "Mitarbeiter bitte"],
  ["fr", "Je voudrais parler à un conseiller"],
  ["fr", "parler à quelqu’un svp"],
  ["fr", "un humain s'il vous plaît"],
])("in %s, %j asks for a person", (language, text) => {
  expect(asksForHuman(text, NO_KEYWORDS)).toEqual({ language });
});

test.each([
  "Is this cream safe for human skin?",
  "How many people fit at a table for a person with a wheelchair?",
  "I don't want to talk to a person",
  "Are you a real person?",
  "Is there an agent for Lisbon in your real estate office that sells flats near the sea?",
  "Preciso de alguém para limpar a casa",
  "Não quero falar com um atendente",
  "No quiero hablar con una persona",
  "Ich will nicht mit jemandem sprechen",
  "Je ne veux pas parler à un conseiller",
  "لا أريد التحدث مع شخص",
  "Personne ne répond au téléphone",
  "Quanto custa por pessoa?",
  "",
  "👍",
])("%j does not", (text) => {
  expect(asksForHuman(text, NO_KEYWORDS)).toBeNull();
});

test("a business adds words of its own, whole ones", () => {
  const given = { keywords: ["the boss", "Recepção"], language: null };
  expect(asksForHuman("Let me see the BOSS now", given)).toEqual({ language: null });
  expect(asksForHuman("recepcao?", given)).toEqual({ language: null });
  expect(asksForHuman("Who are the bosses?", given)).toBeNull();
});

test("a word of several languages counts for the customer's own", () => {
  expect(asksForHuman("operador", { keywords: [], language: "es" })).toEqual({ language: "es" });
  expect(asksForHuman("operador", { keywords: [], language: "pt" })).toEqual({ language: "pt" });
});

test.each([
  "That's not what I asked",
  "Isso não me ajudou",
  "Eso no me sirve, no me entiendes",
  "Bu işe yaramadı",
  "لم تفهم سؤالي",
  "आप समझ नहीं रहे",
  "Das hilft mir nicht weiter!",
  "Vous n’avez pas compris",
])("%j says that the bot does not help", (text) => {
  expect(saysNotHelped(text)).toBe(true);
});

test.each(["My router is not working", "Danke, das hilft!", "Can you help me?"])(
  "%j does not say so",
  (text) => {
    expect(saysNotHelped(text)).toBe(false);
  },
);
