/** What a variable stands for: known of the business, of the customer, or of the moment. */
export type VariableKind = "business" | "customer" | "moment";

/** The variables of instructions, written `{{business.name}}`. */
export const PROMPT_VARIABLES: Readonly<Record<string, VariableKind>> = {
  "business.name": "business",
  "business.opening_hours": "business",
  "business.time_zone": "business",
  "chatbot.name": "business",
  "business.is_open": "moment",
  now: "moment",
  today: "moment",
  "contact.name": "customer",
};

/** Any attribute of the contact: `{{contact.attributes.plan}}`. */
const ATTRIBUTE = /^contact\.attributes\.([\w-]{1,64})$/;
const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The kind of a variable; null when there is none of this name. */
export function kindOfVariable(name: string): VariableKind | null {
  if (ATTRIBUTE.test(name)) return "customer";
  return Object.hasOwn(PROMPT_VARIABLES, name) ? (PROMPT_VARIABLES[name] ?? null) : null;
}

/** The name of the contact's attribute that a variable stands for; null for another variable. */
export function attributeOf(name: string): string | null {
  return ATTRIBUTE.exec(name)?.[1] ?? null;
}

/** The variables that a text names, each once, whether they exist or not. */
export function listVariables(text: string): readonly string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name = ""]) => name))];
}

/** Puts something in the place of each variable; null leaves it as it is typed. */
export function replaceVariables(text: string, valueOf: (name: string) => string | null): string {
  return text.replaceAll(VARIABLE, (typed: string, name: string) => valueOf(name) ?? typed);
}

/** The variable that somebody may have meant. */
export function nearestVariable(name: string): string {
  const candidates = [...Object.keys(PROMPT_VARIABLES), `contact.attributes.${lastWord(name)}`];
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate) }))
    .toSorted((first, second) => first.distance - second.distance);
  return ranked[0]?.candidate ?? "business.name";
}

const lastWord = (name: string): string =>
  name
    .split(".")
    .at(-1)
    ?.replaceAll(/[^\w-]/g, "_")
    .slice(0, 64) || "key";

/** How many letters must be put in, taken out or exchanged to make one word of the other. */
function editDistance(first: string, second: string): number {
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (const [row, letter] of first.split("").entries()) {
    const current = [row + 1];
    for (let column = 1; column <= second.length; column += 1) {
      const exchange = (previous[column - 1] ?? 0) + (letter === second[column - 1] ? 0 : 1);
      const change = 1 + Math.min(previous[column] ?? 0, current[column - 1] ?? 0);
      current.push(Math.min(exchange, change));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
