/** A passage with what stands above it. */
export type PassageInContext = {
  /** What the document calls itself, or its file's name. */
  readonly title: string;
  /** Outermost first. */
  readonly headings: readonly string[];
  readonly text: string;
};

/**
 * A passage as it is embedded and compared: under its title and headings, each once. "From nine to
 * six" means nothing without "Opening hours" above it (facts/rag, section 9: the clearest gain of all).
 */
export function contextText({ title, headings, text }: PassageInContext): string {
  const above = new Set([title, ...headings].filter((line) => line !== ""));
  return [...above, text].join("\n");
}
