import { type Language, toLanguage } from "#domain/language.ts";

/**
 * What Parley says in its own words, where no model speaks: polite, short, and true of any business. A
 * sentence that lacks a language does not compile. Another one is a new key here.
 */
const SENTENCES = {
  /** A turn has failed for good, and the chatbot has no sentence of its own for it. */
  failure: {
    en: "Sorry, I cannot answer right now. Please try again in a few minutes.",
    pt: "Desculpe, não consigo responder agora. Por favor, tente novamente em alguns minutos.",
    es: "Lo siento, ahora mismo no puedo responder. Por favor, inténtelo de nuevo en unos minutos.",
    tr: "Üzgünüm, şu anda yanıt veremiyorum. Lütfen birkaç dakika sonra tekrar deneyin.",
    ar: "عذرًا، لا يمكنني الرد الآن. يُرجى المحاولة مرة أخرى بعد بضع دقائق.",
    hi: "क्षमा करें, अभी उत्तर देना संभव नहीं है। कृपया कुछ मिनट बाद फिर से प्रयास करें।",
    de: "Es tut mir leid, ich kann gerade nicht antworten. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    fr: "Nous sommes désolés, nous ne pouvons pas vous répondre pour le moment. Veuillez réessayer dans quelques minutes.",
  },
  /** On a button: do what was described. At most 20 characters, as its neighbour. */
  confirm: {
    en: "Yes",
    pt: "Sim",
    es: "Sí",
    tr: "Evet",
    ar: "نعم",
    hi: "हाँ",
    de: "Ja",
    fr: "Oui",
  },
  /** On a button: do not do it. */
  cancel: {
    en: "No",
    pt: "Não",
    es: "No",
    tr: "Hayır",
    ar: "لا",
    hi: "नहीं",
    de: "Nein",
    fr: "Non",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** A sentence of Parley's own, by what it says. */
export type SentenceName = keyof typeof SENTENCES;

/**
 * Says a sentence in the customer's language, or in English where Parley does not speak it.
 * @param tag BCP 47; null: unknown.
 */
export function sentence(name: SentenceName, tag: string | null): string {
  return SENTENCES[name][toLanguage(tag)];
}
