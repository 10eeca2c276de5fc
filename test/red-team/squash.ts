/** Letters and digits alone: what is left of a text in JSON, in JSON within JSON, or wrapped. */
export function squash(text: string): string {
  return text
    .replaceAll(/\\+u003c/g, "<")
    .replaceAll(/\\+[nrt]/g, " ")
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, "");
}

/** Whether a text holds another one, however it was escaped. */
export function holdsText(text: string, wanted: string): boolean {
  return squash(text).includes(squash(wanted));
}
