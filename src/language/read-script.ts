/** What the letters of a text say of its language. */
export type ReadScript = {
  /** The script that counts, by its Unicode name. */
  readonly script: string;
  /** Languages that are written so, the most frequent first. */
  readonly candidates: readonly string[];
  /** Words without addresses, numbers and codes. */
  readonly words: readonly string[];
  /** Letters of that script. */
  readonly letters: number;
};

/** The languages of the Latin script that can be told apart. */
const LATIN =
  "en pt es fr de it nl tr az id pl ro vi sv tl da no fi cs sk hu hr sl sq ca et lv lt is".split(
    " ",
  );

/** Scripts other than Latin and the languages that people write in them to a business. */
const SCRIPTS: ReadonlyArray<readonly [string, RegExp, readonly string[]]> = [
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu, ["ja"]],
  ["Hangul", /\p{Script=Hangul}/gu, ["ko"]],
  ["Han", /\p{Script=Han}/gu, ["zh"]],
  ["Arabic", /\p{Script=Arabic}/gu, ["ar", "fa", "ur"]],
  ["Devanagari", /\p{Script=Devanagari}/gu, ["hi", "mr"]],
  ["Cyrillic", /\p{Script=Cyrillic}/gu, ["ru", "uk", "bg", "sr", "be"]],
  ["Greek", /\p{Script=Greek}/gu, ["el"]],
  ["Hebrew", /\p{Script=Hebrew}/gu, ["he"]],
  ["Thai", /\p{Script=Thai}/gu, ["th"]],
  ["Bengali", /\p{Script=Bengali}/gu, ["bn"]],
  ["Tamil", /\p{Script=Tamil}/gu, ["ta"]],
  ["Telugu", /\p{Script=Telugu}/gu, ["te"]],
  ["Gujarati", /\p{Script=Gujarati}/gu, ["gu"]],
  ["Kannada", /\p{Script=Kannada}/gu, ["kn"]],
  ["Malayalam", /\p{Script=Malayalam}/gu, ["ml"]],
  ["Gurmukhi", /\p{Script=Gurmukhi}/gu, ["pa"]],
  ["Sinhala", /\p{Script=Sinhala}/gu, ["si"]],
  ["Georgian", /\p{Script=Georgian}/gu, ["ka"]],
  ["Armenian", /\p{Script=Armenian}/gu, ["hy"]],
  ["Ethiopic", /\p{Script=Ethiopic}/gu, ["am"]],
  ["Khmer", /\p{Script=Khmer}/gu, ["km"]],
  ["Lao", /\p{Script=Lao}/gu, ["lo"]],
  ["Myanmar", /\p{Script=Myanmar}/gu, ["my"]],
];

/** Letters and words that only one of the languages of a script has. */
const TELLING: Readonly<Record<string, ReadonlyArray<readonly [RegExp, string]>>> = {
  Arabic: [
    [/[ٹڈڑںےہھ]/u, "ur"],
    [/[پچژگ]|(?=[^ىيكة]*$)[کی]/u, "fa"],
    [/[ةىيك]/u, "ar"],
  ],
  Devanagari: [
    [anyOf("आहे आहेत मला काय आणि नाही माझी माझा माझे तुम्ही होते कोणी किती"), "mr"],
    [anyOf("है हैं क्या मुझे मेरा मेरी मेरे नमस्ते धन्यवाद और के को में से नहीं भी करें कर"), "hi"],
    [/ळ/u, "mr"],
  ],
  Cyrillic: [
    [/[әғқңұһ]/iu, "kk"],
    [/ў/iu, "be"],
    [/[їєґ]/iu, "uk"],
    [/[ђјљњћџ]/iu, "sr"],
    [/[ыэё]/iu, "ru"],
    [/і/iu, "uk"],
  ],
};

/** One of these words, of a script whose vowels are marks, where `\b` knows no word. */
function anyOf(words: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{M}])(?:${words.replaceAll(" ", "|")})(?![\\p{L}\\p{M}])`, "u");
}

/** Scripts whose words have no spaces between them, and letters of which one word has about so many. */
const UNSPACED = new Set(["Kana", "Han", "Thai", "Khmer", "Lao", "Myanmar"]);
const UNSPACED_WORD_LETTERS = 3;

/** Words of Latin letters are mixed into every other script; the other way round hardly. */
const OTHER_SHARE_MIN = 0.2;
const OTHER_LETTERS_MIN = 2;

const ADDRESS = /https?:\/\/\S+|www\.\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?:\/\S*)?/giu;
const TOKEN = /(?:[\p{L}\p{M}\p{N}_'’-]|\u200c|\u200d)+/gu;

/** Most messages are: their letters need not be counted script by script. */
const ONLY_LATIN = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u;

/** Reads which script a text is written in; null without any letters. */
export function readScript(text: string): ReadScript | null {
  const tokens = text.slice(0, TEXT_LENGTH_MAX).replace(ADDRESS, " ").match(TOKEN) ?? [];
  const words = tokens.filter((token) => /\p{L}/u.test(token) && !/[\p{N}_]/u.test(token));
  const joined = words.join(" ");
  const latin = count(joined, /\p{Script=Latin}/gu);
  const [most] = ONLY_LATIN.test(joined)
    ? []
    : SCRIPTS.map(([script, pattern, candidates]) => ({
        script,
        candidates,
        letters: count(joined, pattern),
      }))
        .filter(({ letters }) => letters > 0)
        .toSorted(byLetters);
  const isOther =
    most !== undefined &&
    most.letters >= Math.min(OTHER_LETTERS_MIN, latin + 1) &&
    most.letters >= OTHER_SHARE_MIN * latin;
  if (!isOther) {
    const candidates = /ə/iu.test(joined) ? ["az"] : LATIN;
    return latin === 0 ? null : { script: "Latin", candidates, words, letters: latin };
  }
  const { script, letters } = most;
  const told = TELLING[script]?.find(([pattern]) => pattern.test(joined))?.[1];
  return {
    script,
    candidates: told === undefined ? most.candidates : [told],
    words: UNSPACED.has(script) ? cutUnspaced(joined) : words,
    letters,
  };
}

/** More says no more. */
const TEXT_LENGTH_MAX = 1_000;

type Counted = { readonly script: string; readonly letters: number };

/** Japanese is written in Chinese characters too: the least bit of kana tells. */
function byLetters(first: Counted, second: Counted): number {
  const isKana = Number(second.script === "Kana") - Number(first.script === "Kana");
  return isKana || second.letters - first.letters;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function cutUnspaced(text: string): string[] {
  return text.match(new RegExp(`[\\p{L}\\p{M}]{1,${UNSPACED_WORD_LETTERS}}`, "gu")) ?? [];
}
