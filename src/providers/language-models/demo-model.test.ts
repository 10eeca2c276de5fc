import type { LanguageModelV4CallOptions, LanguageModelV4Message } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { demoModel } from "./demo-model.ts";

const SEARCH = {
  type: "function" as const,
  name: "search_knowledge_base",
  inputSchema: { type: "object" as const },
};

function user(text: string): LanguageModelV4Message {
  return { role: "user", content: [{ type: "text", text }] };
}

function found(...results: { text: string; source?: string }[][]): LanguageModelV4Message {
  return {
    role: "tool",
    content: results.map((passages, index) => ({
      type: "tool-result" as const,
      toolCallId: `demo-search-${index}`,
      toolName: SEARCH.name,
      output: { type: "json" as const, value: { passages } },
    })),
  };
}

async function ask(
  prompt: LanguageModelV4Message[],
  options: Partial<LanguageModelV4CallOptions> = {},
) {
  const { content, usage, finishReason } = await demoModel.doGenerate({ prompt, ...options });
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { content, text, usage, finishReason };
}

test.each([
  ["Hi!", "Hello! How can I help you?"],
  ["Olá", "Olá! Como posso ajudar?"],
  ["¡Hola! Buenos días", "¡Hola! ¿En qué puedo ayudarle?"],
  ["MERHABA 👋", "Merhaba! Size nasıl yardımcı olabilirim?"],
  ["İyi günler", "Merhaba! Size nasıl yardımcı olabilirim?"],
  ["السلام عليكم", "مرحبًا! كيف يمكنني مساعدتك؟"],
  ["नमस्ते", "नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?"],
  ["Guten Morgen,", "Hallo! Wie kann ich helfen?"],
  ["Bonjour", "Bonjour ! Comment puis-je vous aider ?"],
  ["ciao", "Ciao! Come posso aiutarti?"],
  ["Selamat pagi", "Halo! Ada yang bisa saya bantu?"],
  ["thanks, bye", "You are welcome!\n\nGoodbye!"],
  ["muito obrigada!", "De nada!"],
  ["👋", "Hello! How can I help you?"],
])("%s is answered politely, in its language", async (text, answer) => {
  expect((await ask([user(text)])).text).toBe(answer);
});

test("the notes of the prompt about a quoted or tapped message are no part of the question", async () => {
  const tapped =
    '[Answering your message: "What now?"]\n[The customer tapped a button]\n<data>{"button":{"title":"Hi!","id":"1"}}</data>';
  expect((await ask([user(tapped)])).text).toBe("Hello! How can I help you?");
});

test("a question without documents is answered honestly and named", async () => {
  const { text } = await ask([user("What are your opening hours?")]);
  expect(text).toBe(
    "I am Parley's demo model. I can greet you and quote from documents, but nobody has given me documents yet, so I cannot answer “What are your opening hours?”.",
  );
});

test.each([
  ["Quais são os horários de vocês?", "Sou o modelo de demonstração"],
  ["¿Cuánto cuesta una pizza?", "Soy el modelo de demostración"],
  ["Wann haben Sie geöffnet?", "Ich bin das Demo-Modell"],
  ["Saat kaç gibi açılıyor, bir bilgi var mı?", "Ben Parley'in demo modeliyim"],
  ["ما هي ساعات العمل؟", "أنا النموذج التجريبي"],
])("%s is answered in its language", async (question, start) => {
  expect((await ask([user(question)])).text).toContain(start);
});

test("a burst is answered as a whole: politeness and every question", async () => {
  const { text } = await ask([
    user("An old question?"),
    { role: "assistant", content: [{ type: "text", text: "An old answer." }] },
    user("Hello"),
    user("Do you deliver?"),
    user("What does it cost?"),
  ]);
  expect(text).toContain("Hello!");
  expect(text).toContain("“Do you deliver?”");
  expect(text).toContain("“What does it cost?”");
  expect(text).not.toContain("old question");
});

test("a question is searched for when the search is offered, one call for each", async () => {
  const prompt = [user("Hi, do you deliver?"), user("What does it cost?")];
  const { content, finishReason } = await ask(prompt, { tools: [SEARCH] });
  expect(finishReason.unified).toBe("tool-calls");
  expect(content).toMatchObject([
    { type: "tool-call", toolName: SEARCH.name, input: '{"query":"do you deliver?"}' },
    { type: "tool-call", toolName: SEARCH.name, input: '{"query":"What does it cost?"}' },
  ]);
});

test("a greeting alone is not searched for, nor anything once tools are forbidden", async () => {
  const greeting = await ask([user("Hello")], { tools: [SEARCH] });
  expect(greeting.finishReason.unified).toBe("stop");
  const forbidden = await ask([user("Do you deliver?")], {
    tools: [SEARCH],
    toolChoice: { type: "none" },
  });
  expect(forbidden.finishReason.unified).toBe("stop");
});

test("the sentence that fits best is quoted with its document", async () => {
  const prompt = [
    user("When does delivery end on Sunday?"),
    found([
      { text: "We bake pizza. Nothing else.", source: "menu.pdf" },
      {
        text: "We open at nine. Delivery on Sunday ends at 21:30. Monday is a day of rest.",
        source: "hours.md",
      },
    ]),
  ];
  const { text } = await ask(prompt, { tools: [SEARCH] });
  expect(text).toBe("Delivery on Sunday ends at 21:30.\n_Source: hours.md_");
});

test("each question of a burst is answered from its own search", async () => {
  const prompt = [
    user("Do you deliver?"),
    user("Is parking free?"),
    found([{ text: "We deliver everywhere." }], [{ text: "The pool is heated." }]),
  ];
  const { text } = await ask(prompt, { tools: [SEARCH] });
  expect(text).toBe(
    "We deliver everywhere.\n\nI found nothing about “Is parking free?” in the documents that I was given.",
  );
});

test("the same prompt gives the same answer, with tokens counted", async () => {
  const first = await ask([user("Do you deliver?")]);
  const second = await ask([user("Do you deliver?")]);
  expect(second).toEqual(first);
  expect(first.usage.inputTokens.total).toBeGreaterThan(3);
  expect(first.usage.outputTokens.total).toBeGreaterThan(20);
});

const PICTURE = "[The customer sent a picture. You cannot see it. Say so politely.]";
const VOICE = "[The customer sent a voice message. You cannot hear voice messages.]";
const DOCUMENT = `[The customer sent a document]\n<data>${JSON.stringify({
  document: {
    name: "offer.pdf",
    text: "# Delivery\n\nDelivery takes five days.\n\nThe oven costs 900 euros.",
  },
})}</data>`;

test.for([
  [PICTURE, /cannot see pictures/],
  [`${PICTURE}\n¿Cuánto cuesta?`, /no puedo ver imágenes.*“¿Cuánto cuesta\?”/s],
  [VOICE, /cannot hear/],
  ["[The customer sent a video. You cannot watch videos.]", /cannot open/],
  ['[The customer sent a location]\n<data>{"location":{"latitude":1}}</data>', /received/],
  [
    "[The customer sent a voice message, which says:]\nThanks, bye!",
    /^You are welcome!\n\nGoodbye!$/,
  ],
  ['[The customer tapped a button]\n<data>{"button":{"title":"Hello"}}</data>', /^Hello!/],
  [DOCUMENT, /I have read “offer.pdf”/],
  [`${DOCUMENT}\nWhat does the oven cost?`, /^The oven costs 900 euros\.\n_Source: offer\.pdf_$/],
] as const)("it says sensibly what it can do with %s", async ([message, answer]) => {
  expect((await ask([user(message)])).text).toMatch(answer);
});

test("it speaks of a picture in the language that was spoken before", async () => {
  const hello: LanguageModelV4Message = {
    role: "assistant",
    content: [{ type: "text", text: "Olá!" }],
  };
  expect((await ask([user("Bom dia"), hello, user(PICTURE)])).text).toContain("Obrigado");
});

test("a question about a document of the customer follows it, and only what it lacks is searched", async () => {
  const read: LanguageModelV4Message = {
    role: "assistant",
    content: [{ type: "text", text: "I have read it." }],
  };
  const prompt = [user(DOCUMENT), read, user("How long does delivery take?")];
  expect((await ask(prompt, { tools: [SEARCH] })).text).toContain("five days");
  const other = [user(DOCUMENT), read, user("Do you sell bicycles?")];
  expect((await ask(other, { tools: [SEARCH] })).finishReason.unified).toBe("tool-calls");
});
