/** What people write on a phone to say yes, and nothing else. Lower case. */
const YES = [
  ..."yes|y|yep|yeah|yup|ok|okay|sure|confirm|confirmed|correct|go ahead|yes please|do it".split(
    "|",
  ),
  ..."sim|s|confirmo|confirmar|pode|claro|isso|certo|pode ser|sim por favor".split("|"),
  ..."sí|si|confirmo|vale|claro|correcto|dale|sí por favor|si por favor".split("|"),
  ..."evet|tamam|olur|onaylıyorum|onayla|evet lütfen".split("|"),
  ..."نعم|أجل|اجل|ايوه|أيوه|تمام|موافق|أوافق|اوافق".split("|"),
  ..."हाँ|हां|हा|जी|जी हाँ|जी हां|ठीक है|haan|ha|theek hai".split("|"),
  ..."ja|jawohl|genau|passt|ja bitte|einverstanden|bestätigen|bestätigt".split("|"),
  ..."oui|d'accord|d’accord|exact|oui merci|je confirme".split("|"),
  ..."👍|✅|👌".split("|"),
];

/** The same for no. */
const NO = [
  ..."no|n|nope|nah|cancel|stop|don't|do not|no thanks|no thank you".split("|"),
  ..."não|nao|cancelar|cancela|não obrigado|não obrigada".split("|"),
  ..."no gracias|cancelar|mejor no".split("|"),
  ..."hayır|hayir|iptal|vazgeç|istemiyorum|hayır teşekkürler".split("|"),
  ..."لا|كلا|إلغاء|الغاء|لا شكرا".split("|"),
  ..."नहीं|नही|ना|रद्द|nahi|nahin".split("|"),
  ..."nein|ne|nee|abbrechen|stornieren|nein danke|lieber nicht".split("|"),
  ..."non|annuler|non merci".split("|"),
  ..."👎|❌".split("|"),
];

const ANSWERS: ReadonlyMap<string, "yes" | "no"> = new Map([
  ...YES.map((word) => [normalize(word), "yes"] as const),
  ...NO.map((word) => [normalize(word), "no"] as const),
]);

/**
 * Whether a message is a plain yes or a plain no, in one of the languages that Parley speaks; null when it
 * says anything more. Only an answer to a question should be read so.
 */
export function readYesOrNo(text: string): "yes" | "no" | null {
  return ANSWERS.get(normalize(text)) ?? null;
}

/** Without punctuation, tones of skin and case: `Yes!` is `yes`. */
function normalize(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[\p{Emoji_Modifier}\u{fe0f}]/gu, "")
    .replaceAll(/[.,!?¡¿؟،。।"“”]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
