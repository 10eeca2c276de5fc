import type { Token } from "markdown-it";

/** A block of Markdown: a paragraph, a list, an item of a list, a cell of a table. */
export type Block = {
  /** What the parser calls it, such as `list_item`. */
  readonly type: string;
  /** What else the parser says of it. */
  readonly token: Token;
  readonly blocks: readonly Block[];
  /** The words of a block that holds no other blocks. */
  readonly words: readonly Token[];
  readonly firstLine: number;
  /** The first line after the block and, for a block of blocks, before the blank lines at its end. */
  readonly endLine: number;
};

/** Makes a tree of the parser's tokens, which say where a block begins and where it ends. */
export function nestBlocks(tokens: readonly Token[], lines: readonly string[]): Block[] {
  const top: Block[] = [];
  const open: { blocks: Block[]; words: Token[] }[] = [{ blocks: top, words: [] }];
  for (const token of tokens) {
    const parent = open.at(-1);
    if (token.nesting < 0) {
      open.pop();
    } else if (token.type === "inline") {
      parent?.words.push(...(token.children ?? []));
    } else {
      const content = { blocks: [], words: [] };
      parent?.blocks.push({ ...describe(token, lines), ...content });
      if (token.nesting > 0) open.push(content);
    }
  }
  return top;
}

function describe(token: Token, lines: readonly string[]): Omit<Block, "blocks" | "words"> {
  const [firstLine, endLine] = token.map ?? [0, 0];
  return {
    type: token.type.replace(/_open$/, ""),
    token,
    firstLine,
    endLine: token.nesting > 0 ? endOfText(firstLine, endLine, lines) : endLine,
  };
}

/** The parser counts the blank lines after a list to the list. */
function endOfText(firstLine: number, endLine: number, lines: readonly string[]): number {
  let end = endLine;
  while (end > firstLine + 1 && /^[\s>]*$/.test(lines[end - 1] ?? "")) end -= 1;
  return end;
}
