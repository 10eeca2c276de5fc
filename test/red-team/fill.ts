/** A text of a case with its placeholders filled; unknown ones stay. */
export function fill(text: string, names: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => names[name] ?? placeholder);
}
