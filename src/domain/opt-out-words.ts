import { tokenize } from "./tokenize.ts";

/** `out`: no more messages that they did not ask for. `in`: they may come again. */
export type OptWish = {
  readonly wish: "out" | "in";
  /** ISO 639-1, when the word is of one language alone. */
  readonly language: string | null;
};

/** A wish is a whole message, so a longer one is none. */
const TEXT_LENGTH_MAX = 60;

/**
 * Whether a message as a whole is STOP or START, or one of their equivalents: the words that businesses
 * name in their messages, in eight languages, and Meta's button below marketing templates. Words that
 * customers of a chatbot use of other things ("cancel", "end") are not among them. Null: neither.
 */
export function readOptWish(text: string): OptWish | null {
  return text.length > TEXT_LENGTH_MAX ? null : (WISHES.get(toKey(text)) ?? null);
}

const OUT = {
  en: "unsubscribe, opt out, optout, stop all, stopall, stop promotions, stop messages, stop messaging me",
  pt: "parar, pare, sair, descadastrar, cancelar inscrição, parar mensagens, parar promoções, não quero mais mensagens",
  es: "baja, darme de baja, dar de baja, alto, detener, cancelar suscripción, no más mensajes, detener promociones",
  tr: "dur, durdur, ret, abonelikten çık, mesaj istemiyorum, artık mesaj istemiyorum",
  ar: "توقف, قف, إيقاف, أوقف, إلغاء الاشتراك, ألغ الاشتراك, لا ترسل رسائل",
  hi: "रोकें, रोको, रुको, रुकें, बंद करो, बंद करें, स्टॉप, सदस्यता समाप्त, band karo",
  de: "stopp, abmelden, abbestellen, keine nachrichten mehr, werbung stoppen",
  fr: "arrêt, arrêter, arrêtez, désabonner, se désabonner, me désabonner, désinscription, plus de messages",
} as const;

const IN = {
  en: "unstop, subscribe, opt in, optin, resume messages",
  pt: "iniciar, inscrever, reativar mensagens",
  es: "alta, darme de alta, reanudar",
  tr: "başla, başlat, abone ol",
  ar: "ابدأ, اشتراك, اشترك",
  hi: "शुरू, शुरू करें, शुरू करो, स्टार्ट, shuru karo",
  de: "starten, anmelden, abonnieren",
  fr: "démarrer, reprendre, s'abonner, m'abonner",
} as const;

const WISHES: ReadonlyMap<string, OptWish> = new Map([
  [toKey("stop"), { wish: "out", language: null }],
  [toKey("start"), { wish: "in", language: null }],
  ...toEntries("out", OUT),
  ...toEntries("in", IN),
]);

function toEntries(
  wish: OptWish["wish"],
  words: Readonly<Record<string, string>>,
): [string, OptWish][] {
  return Object.entries(words).flatMap(([language, list]) =>
    list.split(",").map((word): [string, OptWish] => [toKey(word), { wish, language }]),
  );
}

/** Letters alone count, in whatever case: `Stop!` is STOP. */
function toKey(text: string): string {
  return tokenize(text.replaceAll("’", "'"))
    .map((word) => word.replaceAll("ı", "i"))
    .join(" ");
}
