import fc from "fast-check";
import { expect, test } from "vitest";
import { renderWhatsAppText } from "./render-markdown.ts";

test.each([
  ["**bold** and __bold__", "*bold* and *bold*"],
  ["*italic* and _italic_", "_italic_ and _italic_"],
  ["~~gone~~", "~gone~"],
  ["***both***", "*_both_*"],
  ["**bold with *italic* inside**", "*bold with _italic_ inside*"],
  ["**a **b** c**", "*a b c*"],
  ["(**bold**), **bold**.", "(*bold*), *bold*."],
  ["**one\ntwo**", "*one*\n*two*"],
  ["**one `code` two**", "*one* `code` *two*"],
  ["**Total: 5*3**", "Total: 5*3"],
])("emphasis: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["2*3*4 = 24", "2*3*4 = 24"],
  ["5*3 and 4*2", "5*3 and 4*2"],
  ["2**3**4", "2**3**4"],
  ["*a*b and c*d*", "_a*b and c*d_"],
  ["** not bold **", "** not bold **"],
  ["snake_case_name", "snake_case_name"],
  ["https://example.com/a_b_c_d?x=*1*", "https://example.com/a_b_c_d?x=*1*"],
  ["**https://example.com/a_b**", "https://example.com/a_b"],
  ["www.example.com/_a_ and _b_", "www.example.com/_a_ and _b_"],
  ["https://example.com/?a=1&amp;b=_c_d", "https://example.com/?a=1&b=_c_d"],
  [String.raw`https://example.com/a\_b\_c`, "https://example.com/a_b_c"],
  ["**a_b_c@shop.example**", "a_b_c@shop.example"],
  ["(https://example.com/a_(b)_c), _d_", "(https://example.com/a_(b)_c), _d_"],
  ["见https://example.com/a，**谢谢**。", "见https://example.com/a，*谢谢*。"],
  ["~5 min or 3~4 min", "~5 min or 3~4 min"],
  ["`a_b *c* &amp; **d**`", "`a_b *c* &amp; **d**`"],
  ["``a ` b``", "```a ` b```"],
  [String.raw`\*literal\* and C:\dir`, String.raw`*literal* and C:\dir`],
])("what only looks like emphasis is left alone: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["Das ist **wich**tig", "Das ist wichtig"],
  ["这是**重点**内容", "这是重点内容"],
  ["**重点：**内容", "重点：内容"],
])("markers that WhatsApp would show as characters go: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["# Title\ntext", "*Title*\ntext"],
  ["## A **b** c ##\n\ntext", "*A b c*\n\ntext"],
  ["Title\n=====\ntext", "*Title*\ntext"],
  ["a\n\n- - -\n\n# b", "a\n\n---\n\n*b*"],
])("a heading is bold: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["```python\nprint('**x**')\n```", "```\nprint('**x**')\n```"],
  ["~~~\na\n\n\n\n    b\n~~~", "```\na\n\n\n\n    b\n```"],
  ["````\n```\n````", "```\n'''\n```"],
  ["```js\nunfinished", "```\nunfinished\n```"],
  ["```\n```", ""],
  ["a\n\n    **indented**", "a\n\n*indented*"],
  ["a\n\n\t~~~\n\tb\n\t~~~\nc", "a\n\n```\nb\n```\nc"],
])("a code block keeps its code and loses its language: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["[our shop](https://shop.example/a_b)", "our shop (https://shop.example/a_b)"],
  ["**[our shop](https://shop.example)**", "*our shop* (https://shop.example)"],
  ["[https://shop.example](https://shop.example/)", "https://shop.example"],
  ["<https://shop.example> www.shop.example", "https://shop.example www.shop.example"],
  ["[](https://shop.example)", "https://shop.example"],
  ["[write us](mailto:hi@shop.example)", "write us (hi@shop.example)"],
  ["[+1 555](tel:+1555)", "+1 555 (+1555)"],
  ["[above](#top) [run](javascript:alert(1))", "above run"],
  ["[terms][1]\n\n[1]: https://shop.example/terms", "terms (https://shop.example/terms)"],
  ["[terms][1]", "[terms][1]"],
  ["See [SHOP].\n\n[Shop]: https://a.example", "See SHOP (https://a.example)."],
  ["See:\n\n[Shop]: https://shop.example", "See:\n\nShop: https://shop.example"],
  ["> [A]: https://a.example\n> [B]: b.example 'B'", "> A: https://a.example\n> B: b.example"],
  ['[menu](<https://shop.example/my menu> "PDF")', "menu (https://shop.example/my%20menu)"],
  ["[Zoë](https://zoë.example/ä%20b)", "Zoë (https://zoë.example/ä%20b)"],
  ["[![a cake](c.png)](https://shop.example)", "a cake (c.png) (https://shop.example)"],
  ["![a cake](https://shop.example/cake.png)", "a cake (https://shop.example/cake.png)"],
  ["![](https://shop.example/cake.png)", "https://shop.example/cake.png"],
  ["![a cake][1]\n\n[1]: https://shop.example/c.png", "a cake (https://shop.example/c.png)"],
  ["![dot](data:image/png;base64,AAAA)", "dot"],
])("an address stands where one can tap it: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["* a\n* b", "- a\n- b"],
  ["- a\n  - b\n    - c\n- d", "- a\n\u2002\u2002◦ b\n\u2002\u2002\u2002\u2002▪ c\n- d"],
  ["1. a\n   - b\n2. c", "1. a\n\u2002\u2002◦ b\n2. c"],
  ["3. a\n5. b", "3. a\n5. b"],
  ["1. a\n1. b\n1. c", "1. a\n2. b\n3. c"],
  ["1) a\n2) b", "1. a\n2. b"],
  ["- [x] done\n- [ ] open", "☑ done\n☐ open"],
  ["1. [X] **done**\n   - [ ] open", "☑ *done*\n\u2002\u2002☐ open"],
  ["- a\n\n- b", "- a\n\n- b"],
  ["- a\n  - b\n\n\nc", "- a\n\u2002\u2002◦ b\n\n\nc"],
  ["a\n\n    * b\n    * c\n\nd", "a\n\n- b\n- c\n\nd"],
  ["1. **T**\n   more", "1. *T*\n\u2002\u2002more"],
  ["1. Run:\n   ```sh\n   npm i\n   ```\n2. Done", "1. Run:\n```\nnpm i\n```\n2. Done"],
])("a list keeps its order and depth: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["> a\n> b", "> a\n> b"],
  ["> a\n>\n> b\n\nc", "> a\n> b\n\nc"],
  ["> a\n> > b", "> a\n> » b"],
  ["> ```\n> x\n> ```", "> `x`"],
])("each line of a quote is marked: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test("a table becomes a group of lines for each row", () => {
  const table = "| Day | **Hours**: |\n|---|:-:|\n| Mon | 9-17 |\n| *Sun* | |";

  expect(renderWhatsAppText(`Open:\n\n${table}\n\nBye`)).toBe(
    "Open:\n\nDay: Mon\nHours: 9-17\n\nDay: _Sun_\n\nBye",
  );
});

test("no cell of a table is lost, whatever the headers say", () => {
  const table = "|A|B|\n|-|-|\n|1|\n|2|`3|4`|*5*|";

  expect(renderWhatsAppText(table)).toBe("A: 1\n\nA: 2\nB: `3 | 4` | _5_");
  expect(renderWhatsAppText(`> ${table.replaceAll("\n", "\n> ")}`)).toBe(
    "> A: 1\n> A: 2\n> B: `3 | 4` | _5_",
  );
});

test("a table of one column becomes lines, and one without rows its headers", () => {
  expect(renderWhatsAppText("| A |\n|---|\n| 1 |\n| 2 |")).toBe("1\n2");
  expect(renderWhatsAppText("| A | B |\n|---|---|")).toBe("A, B");
});

test.each([
  ["<b>Hi</b>, **you**<br>there <!-- note -->", "Hi, *you*\nthere"],
  ["<div>\n**x**\n</div>", "*x*"],
  ["Tom &amp; Ann &lt;3 &#128512; &copy;", "Tom & Ann <3 😀 ©"],
  ["&amp;amp;", "&amp;"],
])("HTML goes and entities become characters: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test.each([
  ["Yes【1†】.", "Yes."],
  ["Yes 【4:0†price_list.pdf】.", "Yes."],
  ["Yes \ue200cite\ue202turn0search1\ue201.", "Yes."],
  ["Yes [cite: 1, 2].", "Yes."],
  ["Yes[^1].\n\n[^1]: The price list.", "Yes."],
  ["Yes[^1].\n[^1]: The\nlist.\n\n    More.\n[^b]: https://a.example\n\nBye", "Yes.\n\n\nBye"],
  ["Yes[^1].\n\n[^1]: The list.\n- a", "Yes.\n\n\n- a"],
  ["https://shop.example【4†source】", "https://shop.example"],
  ["【重要】 stays", "【重要】 stays"],
])("marks of sources go: %j becomes %j", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});

test("what nobody sees is removed, and what scripts and emoji need stays", () => {
  expect(renderWhatsAppText("a\u200bb\u0000c\ud800d\ufeff&#x200B;e\u00adf")).toBe("abcdef");
  expect(renderWhatsAppText("👨‍👩‍👧 می‌خواهم")).toBe("👨‍👩‍👧 می‌خواهم");
});

test("plain text keeps its lines, with at most two blank ones in a row", () => {
  expect(renderWhatsAppText(" Hi!\nHow are you?\r\n\n\n\n\nSee you: 5 > 3. ")).toBe(
    "Hi!\nHow are you?\n\n\nSee you: 5 > 3.",
  );
  expect(renderWhatsAppText("")).toBe("");
  expect(renderWhatsAppText(" \n ")).toBe("");
});

test.each(["+ ", "1. ", ">", "> - ", "**a "])(
  "nesting and emphasis without end go out as they are: %j",
  (piece) => {
    const text = piece.repeat(3_000).trim();

    expect(renderWhatsAppText(text)).toBe(text);
  },
);

test.each([
  "*a_ ",
  "_*a ",
  "**a *b ",
  "[",
  "![[",
  "<a ",
  "`a",
  "> a\n",
  "[a]: b\n",
  "www.",
  "a\n=\n",
])("an answer of nothing but %j is rendered in no time", (piece) => {
  const start = process.cpuUsage();
  renderWhatsAppText(piece.repeat(16_000 / piece.length));

  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_500);
});

test("no answer grows beyond measure", () => {
  const table = `|${"h".repeat(900)}|b|\n|-|-|\n${"|1|2|\n".repeat(2_000)}`;
  const references = `[a]: https://x.example/${"y".repeat(2_000)}\n\n${"[a] ".repeat(3_000)}`;

  expect(renderWhatsAppText(table).length).toBeLessThanOrEqual(32_000);
  expect(renderWhatsAppText(references).length).toBeLessThanOrEqual(32_000);
  expect(renderWhatsAppText("word ".repeat(20_000)).length).toBeLessThanOrEqual(16_000);
});

const PIECES = [
  "*",
  "**",
  "_",
  "~~",
  "`",
  "```\n",
  "\n",
  "\n\n",
  " ",
  "a",
  "1. ",
  "- ",
  "> ",
  "# ",
  "|",
  "[",
  "](",
  ")",
  "<br>",
  "&amp;",
  "\\",
  "http://a.b",
  "【1†】",
  "\ud83d",
  "\ude00",
  "\u200b",
  "字",
];

test("any text gives one without halves of characters, and never throws", () => {
  const markdowns = fc.oneof(
    fc
      .array(fc.constantFrom(...PIECES), { maxLength: 80, size: "max" })
      .map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", maxLength: 300, size: "max" }),
    fc.string({ maxLength: 300, size: "max" }),
  );
  fc.assert(
    fc.property(markdowns, (markdown) => {
      const text = renderWhatsAppText(markdown);
      expect(text.isWellFormed()).toBe(true);
      expect(text).toBe(text.trim());
      expect(text).not.toContain("\u200b");
    }),
    { numRuns: 400 },
  );
});

test("plain text comes out as it went in", () => {
  const plainWords = fc.constantFrom(
    ..."Hello you (yes) 3.5 5% don't Grüße 字 😀 a_b you! ok,".split(" "),
  );
  const line = fc.array(plainWords, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));
  const plainTexts = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\n\n", "\n\n\n")), { minLength: 1, maxLength: 6 })
    .map((lines) => lines.flat().join("").trim());
  fc.assert(
    fc.property(plainTexts, (text) => {
      expect(renderWhatsAppText(text)).toBe(text);
    }),
  );
});

test("lines without markup come out as the parser would have them", () => {
  const line = fc.string({
    unit: fc.constantFrom(
      ...Array.from("aZé字😀 9.,:;!?()-+=#%$'\"\t/@>]"),
      "\nB",
      "\n\nC",
      "www.",
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(line, (rest) => {
      const text = `A${rest}`.trim();
      // the second paragraph needs the parser, and so does all of it then
      expect(renderWhatsAppText(`${text}\n\n**b**`)).toBe(`${renderWhatsAppText(text)}\n\n*b*`);
    }),
  );
});
