import { type OutboundShape, WHATSAPP_LIMITS } from "#domain/outbound.ts";
import { fitText, toLine } from "./fit-text.ts";

/** Something that a person may choose. */
export type ReplyOption = { readonly title: string; readonly description?: string | undefined };

/** Options as WhatsApp can show them. */
export type FittedOptions = {
  readonly shape: Extract<OutboundShape, { type: "buttons" | "list" }>;
  /** All titles, when there are more than a list holds; otherwise none. */
  readonly inWords: readonly string[];
};

/** Opens a list where nobody said what its button is called: a sign that needs no translation. */
const LIST_BUTTON = "☰";

type Line = { readonly title: string; readonly description: string };

/**
 * Fits options into WhatsApp's limits: buttons when there are three at most, all short and without a
 * description, otherwise a list of the first ten. Long titles are cut at a word, in a list with the
 * whole title in the description. The same option twice is one, different ones with the same title get
 * numbers. Null when no title can be seen.
 * @param listButton what stands on the button that opens a list.
 */
export function fitOptions(
  options: readonly ReplyOption[],
  listButton: string,
): FittedOptions | null {
  const lines = toLines(options);
  if (lines.length === 0) return null;
  const fitsButtons =
    lines.length <= WHATSAPP_LIMITS.buttons &&
    lines.every(
      ({ title, description }) => title.length <= WHATSAPP_LIMITS.buttonTitle && description === "",
    );
  const shape = fitsButtons ? toButtons(lines) : toList(lines, listButton);
  return { shape, inWords: lines.length > WHATSAPP_LIMITS.listRows ? titlesOf(lines) : [] };
}

function toLines(options: readonly ReplyOption[]): readonly Line[] {
  const lines = options
    .map(({ title, description = "" }) => ({
      title: toLine(title),
      description: toLine(description),
    }))
    .filter(({ title }) => title !== "");
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
}

function toButtons(lines: readonly Line[]): FittedOptions["shape"] {
  const titles = uniqueTitles(titlesOf(lines), WHATSAPP_LIMITS.buttonTitle);
  return {
    type: "buttons",
    buttons: titles.map((title, index) => ({ id: idOf(index), title })),
  };
}

function toList(lines: readonly Line[], listButton: string): FittedOptions["shape"] {
  const shown = lines.slice(0, WHATSAPP_LIMITS.listRows);
  const titles = uniqueTitles(titlesOf(shown), WHATSAPP_LIMITS.rowTitle);
  return {
    type: "list",
    button: fitText(listButton, WHATSAPP_LIMITS.listButton) || LIST_BUTTON,
    rows: shown.map((line, index) => ({
      id: idOf(index),
      title: titles[index] ?? line.title,
      description: describe(line),
    })),
  };
}

/** The whole title comes first where the title itself is cut. */
function describe({ title, description }: Line): string | null {
  const isCut = title.length > WHATSAPP_LIMITS.rowTitle;
  const whole = [...(isCut ? [title] : []), description].filter((part) => part !== "").join(" – ");
  return whole === "" ? null : fitText(whole, WHATSAPP_LIMITS.rowDescription);
}

/** Titles within the limit, each once: WhatsApp refuses a message with two equal ones. */
function uniqueTitles(titles: readonly string[], limitUnits: number): readonly string[] {
  const taken = new Set<string>();
  return titles.map((whole) => {
    let title = fitText(whole, limitUnits);
    for (let number = 2; taken.has(toComparable(title)); number += 1) {
      const suffix = ` ${number}`;
      title = `${fitText(whole, limitUnits - suffix.length)}${suffix}`;
    }
    taken.add(toComparable(title));
    return title;
  });
}

function toComparable(title: string): string {
  return title.normalize("NFC").toLowerCase();
}

function titlesOf(lines: readonly Line[]): readonly string[] {
  return lines.map(({ title }) => title);
}

/** Unique within its message; which message is meant, Meta tells beside it. */
function idOf(index: number): string {
  return `option-${index + 1}`;
}
