/**
 * A text as PostgreSQL stores it, without NUL characters and halves of characters, and no longer than
 * `lengthMax` UTF-16 units: cut at the last space before.
 */
export function toStorableText(
  text: string,
  lengthMax: number,
): { readonly text: string; readonly isCut: boolean } {
  const whole = text.replaceAll("\0", "").toWellFormed().trim();
  if (whole.length <= lengthMax) return { text: whole, isCut: false };
  const start = whole.slice(0, lengthMax);
  const space = start.search(/\s\S*$/);
  // A text without spaces (or with one very long word) is cut where it must be.
  const end = space > lengthMax / 2 ? space : lengthMax;
  return { text: dropHalf(start.slice(0, end)).trimEnd(), isCut: true };
}

/** The first half of a pair is no character. */
function dropHalf(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
