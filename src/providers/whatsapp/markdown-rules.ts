import type { MarkdownIt, StateCore, StateInline } from "markdown-it";

type InlineRule = Parameters<MarkdownIt["inline"]["ruler"]["push"]>[1];
type BlockRule = Parameters<MarkdownIt["block"]["ruler"]["push"]>[1];

/** Outside of a word, up to emphasis, an entity or what no address holds, such as CJK punctuation. */
const WEB_ADDRESS =
  String.raw`(?<![A-Za-z0-9])(?:https?:\/\/|www\.)` +
  String.raw`(?:(?!\*\*|&#?\w+;)[^\s<>[\]\\\x60"\p{Co}\u3000-\u303f\uff00-\uffef])+` +
  String.raw`(?<![?!.,:;*_~')])`; // these end the sentence around it

/** The name before the `@` has at most 64 characters (RFC 5321). */
const MAIL_ADDRESS = String.raw`(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9]+`;

const ADDRESS = new RegExp(`${WEB_ADDRESS}|${MAIL_ADDRESS}`, "iuy");

/** Text up to the next address or the next character that may be markup. */
const WORDS = new RegExp(`(?:(?!${ADDRESS.source})[^\\n!&*<[\\\\\\]_\`~])+`, "iuy");

/** The asterisks of `2*3*4`, `2**3**4` and `a*b`. */
const SIGN = /(?<=[\p{Script=Latin}\p{N}])\*(?=[\p{Script=Latin}\p{N}])|(?<=\p{N})\*\*(?=\p{N})/uy;

const FOOTNOTE = /\[\^[^\]\s]+\]:/y;

/** From this indentation on the parser takes a block for code, and does not look what else it is. */
const INDENTED_COLUMNS_MIN = 4;

/**
 * Makes the parser read Markdown as it is meant in a chat. Its own tokens are `address` and `sign`:
 * the underscores of an address and the asterisks of arithmetic are no markup.
 */
export function addMarkdownRules(md: MarkdownIt): void {
  md.inline.ruler.at(
    "text",
    take(WORDS, (words, state) => {
      state.pending += words;
    }),
  );
  md.inline.ruler.after("text", "address", takeAs("address", ADDRESS));
  md.inline.ruler.before("emphasis", "sign", takeAs("sign", SIGN));
  md.block.ruler.at("code", parseIndented);
  md.block.ruler.before("reference", "footnote", skipFootnote, { alt: ["paragraph", "reference"] });
  md.core.ruler.before("inline", "surplus", keepSurplusCells);
}

function takeAs(type: string, expression: RegExp): InlineRule {
  return take(expression, (piece, state) => {
    state.push(type, "", 0).content = piece;
  });
}

function take(expression: RegExp, put: (piece: string, state: StateInline) => void): InlineRule {
  return (state, isTrial) => {
    const piece = matchAt(expression, state.src, state.pos);
    if (piece === "") return false;
    if (!isTrial) put(piece, state);
    state.pos += piece.length;
    return true;
  };
}

/** What a sticky expression matches at a place; nothing if it does not. */
function matchAt(expression: RegExp, text: string, at: number): string {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? "";
}

/** Indentation is a matter of taste in a chat: what is indented is parsed like anything else. */
const parseIndented: BlockRule = (state, line, lineMax) => {
  const columns = state.sCount[line] ?? 0;
  const outerColumns = state.blkIndent;
  if (columns - outerColumns < INDENTED_COLUMNS_MIN) return false;
  state.blkIndent = columns;
  state.md.block.tokenize(state, line, lineMax);
  state.blkIndent = outerColumns;
  return true;
};

/** Drops a footnote with its further lines and with what is indented below it. */
// oxlint-disable-next-line max-params -- the parser calls its rules so
const skipFootnote: BlockRule = (state, firstLine, lineMax, isTrial) => {
  const at = (state.bMarks[firstLine] ?? 0) + (state.tShift[firstLine] ?? 0);
  if (matchAt(FOOTNOTE, state.src, at) === "") return false;
  if (isTrial) return true;
  const otherBlocks = state.md.block.ruler.getRules("paragraph");
  const belongs = (line: number): boolean =>
    state.isEmpty(line) ||
    (state.sCount[line] ?? 0) - state.blkIndent >= INDENTED_COLUMNS_MIN ||
    (!state.isEmpty(line - 1) && !otherBlocks.some((rule) => rule(state, line, lineMax, true)));
  state.line = firstLine + 1;
  while (state.line < lineMax && belongs(state.line)) state.line += 1;
  return true;
};

/** The parser drops the cells of a row that have no header: they stay with the last one that has. */
function keepSurplusCells(state: StateCore): void {
  const lines = state.src.split("\n");
  let cells: string[] = [];
  let columns = 0;
  for (const [index, token] of state.tokens.entries()) {
    if (token.type === "tr_open") {
      cells = splitRow(lines[token.map?.[0] ?? 0] ?? "");
      columns = 0;
    } else if (token.type === "td_close") {
      columns += 1;
    } else if (token.type === "tr_close" && columns > 0) {
      const lastCell = state.tokens[index - 2];
      if (lastCell !== undefined) {
        lastCell.content = [lastCell.content, ...cells.slice(columns)].join(" | ");
      }
    }
  }
}

function splitRow(line: string): string[] {
  const row = line.replace(/^[\s>]*\|?/, "").replace(/\|\s*$/, "");
  return row.split(/(?<!\\)\|/).map((cell) => cell.trim());
}
