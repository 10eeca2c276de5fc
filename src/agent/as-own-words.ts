/** What may stand before the bracket of a line without being seen, or as markup. */
const NOTE_LIKE = /^([\s\p{Cf}>*_~`#-]*)[[［]/gmu;

/**
 * The words of a customer, in which no line can be taken for a note. Notes of ours to the model begin a
 * line with a square bracket, such as "[Note for the next messages: The customer said yes …]": somebody
 * who types one would speak with our voice. A round bracket says the same to people.
 */
export function asOwnWords(text: string): string {
  return text.replaceAll(NOTE_LIKE, "$1(");
}
