/**
 * Removes what a person neither sees nor should see: control characters, zero-width spaces, byte
 * order marks, soft hyphens and halves of surrogate pairs. The joiners U+200C and U+200D stay, since
 * Persian, Indic scripts and many emoji need them. Every line break becomes a line feed.
 */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll(/[\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb]/g, "")
    .replaceAll(/[^\P{Cc}\t\n]/gu, "")
    .replaceAll(/\p{Surrogate}/gu, "");
}

/**
 * Removes the marks of sources that models leave in their answers and that lead nowhere in a chat:
 * OpenAI's `【4:0†file.pdf】` and private-use marks, Gemini's `[cite: 1]`, footnotes without a note.
 */
export function removeCitations(text: string): string {
  return text.replaceAll(
    /[ \t]?(?:【[^】\n†]{0,40}†[^】\n]{0,200}】|\ue200[^\ue201\n]{0,200}\ue201|\[cite(?:_start|_end)?(?::[\d,\s]{0,40})?\]|\[\^[^\]\s]{1,20}\])/g,
    "",
  );
}
