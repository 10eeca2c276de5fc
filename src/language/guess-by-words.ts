/** Words with which people begin and end, in one language only: statistics of letters know too few of them. */
const GREETINGS: Readonly<Record<string, string>> = {
  en: "hello thanks please thx pls",
  pt: "oi olá ola obrigado obrigada blz vcs",
  es: "hola gracias buenas buenos dale vale",
  fr: "bonjour bonsoir salut merci svp bjr",
  de: "danke guten bitte moin",
  it: "ciao grazie buongiorno buonasera salve",
  nl: "hoi bedankt goedemorgen goedemiddag goedenavond dankjewel",
  tr: "merhaba merhabalar selam slm teşekkürler teşekkür günaydın tşk",
  id: "halo makasih terima selamat min kak",
  pl: "cześć dziękuję dzień dzięki proszę",
  ro: "bună mulțumesc multumesc salutare",
  sv: "hej tack",
  tl: "kumusta salamat magandang po",
  vi: "chào cảm",
  fa: "سلام ممنون مرسی",
  uk: "привіт дякую вітаю",
};

/** Little words of Hindi and Urdu as people type them in Latin letters, that no other language has. */
const ROMAN_HINDI = new Set(
  "hai hain kya kyu kyun nahi nahin mera meri mujhe mujhko aap aapka aapki apka apki kab kaise kitna kitne kitni kahan bhai chahiye theek thik acha accha haan karna karni raha rahi gaya hoga milega hoon hun".split(
    " ",
  ),
);
/** One of them may be a word of another language. */
const ROMAN_HINDI_MIN = 2;
/** In a longer text a greeting proves nothing: `hola` comes from everybody. */
const GREETING_WORDS_MAX = 2;

const LANGUAGE_OF = new Map(
  Object.entries(GREETINGS).flatMap(([language, words]) =>
    words.split(" ").map((word) => [word, language] as const),
  ),
);

/** The language that words of a text give away, where its letters would not; null when none does. */
export function guessByWords(words: readonly string[]): string | null {
  const folded = words.map((word) => word.toLowerCase());
  if (new Set(folded.filter((word) => ROMAN_HINDI.has(word))).size >= ROMAN_HINDI_MIN)
    return "hi-Latn";
  if (words.length > GREETING_WORDS_MAX) return null;
  const languages = new Set(folded.flatMap((word) => LANGUAGE_OF.get(word) ?? []));
  const [only] = languages;
  return languages.size === 1 ? (only ?? null) : null;
}
