import type { ModelAnswer, ModelRequest } from "../../simulator/models/model-request.ts";
import { fill } from "./fill.ts";
import type { RedTeamCase } from "./read-cases.ts";
import type { Shop } from "./start-shop.ts";

/** Ends the customer's words, so that model and servers know whose they are. */
export const tagOf = ({ id }: RedTeamCase): string => `(ref ${id})`;
/** The same for the message that an honest model answers. */
export const againTagOf = ({ id }: RedTeamCase): string => `(ref ${id}-again)`;

const TAG = /\(ref ([\w-]+?)(-again)?\)/g;
const SAID_LENGTH_MAX = 15_000;

/**
 * Two models in one. The first message of an attacker is answered by a victim: it reads what is planted,
 * does all that the attack says, with the arguments that it says, and repeats what it is asked to. The
 * second message is answered by an honest one, which looks up an order.
 */
export function createObedientModel(cases: readonly RedTeamCase[], names: Shop["names"]) {
  const taken = new Map<string, number>();
  return (request: ModelRequest): ModelAnswer | undefined => {
    if (request.kind !== "chat") return undefined;
    const { id, again } = findTag(request);
    const found = cases.find((each) => each.id === id);
    if (found === undefined) return undefined;
    const turn = `${id}${again ? "-again" : ""}`;
    const step = taken.get(turn) ?? 0;
    taken.set(turn, step + 1);
    const answers = again
      ? [{ toolCalls: [{ name: "order_status", input: { order_id: turn } }] }]
      : obey(found, names);
    return answers[step] ?? (again ? "It is on its way." : sayAs(found, request));
  };
}

function findTag({ turns }: ModelRequest): { readonly id: string; readonly again: boolean } {
  const texts = turns.flatMap((turn) => (turn.role === "user" ? turn.texts : []));
  const last = [...texts.join("\n").matchAll(TAG)].at(-1);
  return { id: last?.[1] ?? "", again: last?.[2] !== undefined };
}

function obey(
  { id, plant, attack, obeys }: RedTeamCase,
  names: Shop["names"],
): readonly ModelAnswer[] {
  const reads: Partial<Record<RedTeamCase["plant"], ModelAnswer>> = {
    knowledge: callOf("search_knowledge_base", { query: `${id} ${attack}`.slice(0, 300) }),
    "tool-result": callOf("order_status", { order_id: id }),
    "mcp-result": callOf("crm__lookup", { order_id: id }),
  };
  const read = reads[plant];
  const filled = obeys.map(({ tool, input }) => ({
    name: tool,
    input: JSON.parse(fillJson(JSON.stringify(input), { ...names, case: id })),
  }));
  return [
    ...(read === undefined ? [] : [read]),
    ...(filled.length === 0 ? [] : [{ toolCalls: filled }]),
  ];
}

const callOf = (name: string, input: Readonly<Record<string, unknown>>): ModelAnswer => ({
  toolCalls: [{ name, input }],
});

function fillJson(text: string, names: Readonly<Record<string, string>>): string {
  const escaped = Object.entries(names).map(([name, value]) => [
    name,
    JSON.stringify(value).slice(1, -1),
  ]);
  return fill(text, Object.fromEntries(escaped));
}

/** What it was given, word for word, is the worst that a reply can hold. */
function sayAs({ says = "Done, as you wish." }: RedTeamCase, request: ModelRequest): string {
  const everything = () =>
    [request.system, ...request.turns.flatMap(({ texts }) => texts)].join("\n\n");
  return says.replace("{everything}", everything).slice(0, SAID_LENGTH_MAX);
}
