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
  /** A turn has failed for good after a tool has, or may have, changed something: asking again may do it twice. */
  partlyDone: {
    en: "Sorry, something went wrong. What you asked for may already have been done, at least in part. Please do not ask for it again just yet: a person will check.",
    pt: "Desculpe, algo correu mal. O que pediu pode já ter sido feito, pelo menos em parte. Por favor, não volte a pedi-lo por enquanto: uma pessoa vai verificar.",
    es: "Lo siento, algo ha salido mal. Es posible que lo que ha pedido ya se haya hecho, al menos en parte. Por favor, no lo pida de nuevo por ahora: una persona lo comprobará.",
    tr: "Üzgünüm, bir şeyler ters gitti. İsteğiniz en azından kısmen yerine getirilmiş olabilir. Lütfen şimdilik yeniden istemeyin: bir yetkili kontrol edecek.",
    ar: "عذرًا، حدث خطأ ما. ربما تم تنفيذ طلبك بالفعل، ولو جزئيًا. يُرجى عدم تكرار الطلب الآن: سيتحقق أحد الموظفين من الأمر.",
    hi: "क्षमा करें, कुछ गड़बड़ हो गई। हो सकता है कि आपका अनुरोध पहले ही, कम से कम आंशिक रूप से, पूरा हो चुका हो। कृपया अभी इसे दोबारा न भेजें: कोई व्यक्ति इसकी जाँच करेगा।",
    de: "Es tut mir leid, etwas ist schiefgegangen. Was Sie möchten, ist vielleicht schon ganz oder teilweise erledigt. Bitte fragen Sie vorerst nicht noch einmal danach: Ein Mensch wird es prüfen.",
    fr: "Désolé, un problème est survenu. Votre demande a peut-être déjà été traitée, au moins en partie. Veuillez ne pas la renouveler pour l’instant : une personne va vérifier.",
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
  /** The month's spending is used up, so that no model may be asked: trying again soon would not help. */
  quotaReached: {
    en: "Sorry, the automatic assistant cannot answer at the moment. Please contact us in another way, or write again later.",
    pt: "Desculpe, o assistente automático não pode responder de momento. Por favor, contacte-nos por outro meio ou escreva novamente mais tarde.",
    es: "Lo sentimos, el asistente automático no puede responder en este momento. Por favor, contáctenos por otro medio o vuelva a escribirnos más tarde.",
    tr: "Üzgünüz, otomatik asistan şu anda yanıt veremiyor. Lütfen bize başka bir yoldan ulaşın ya da daha sonra tekrar yazın.",
    ar: "عذرًا، لا يستطيع المساعد الآلي الرد في الوقت الحالي. يُرجى التواصل معنا بطريقة أخرى أو الكتابة إلينا لاحقًا.",
    hi: "क्षमा करें, स्वचालित सहायक इस समय उत्तर नहीं दे सकता। कृपया किसी और माध्यम से संपर्क करें या बाद में फिर लिखें।",
    de: "Es tut uns leid, der automatische Assistent kann im Moment nicht antworten. Bitte erreichen Sie uns auf einem anderen Weg oder schreiben Sie später noch einmal.",
    fr: "Nous sommes désolés, l’assistant automatique ne peut pas répondre pour le moment. Veuillez nous joindre autrement ou nous réécrire plus tard.",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** A sentence of Parley's own, by what it says. */
type SentenceName = keyof typeof SENTENCES;

/**
 * Says a sentence in the customer's language, or in English where Parley does not speak it.
 * @param tag BCP 47; null: unknown.
 */
export function sentence(name: SentenceName, tag: string | null): string {
  return SENTENCES[name][toLanguage(tag)];
}
