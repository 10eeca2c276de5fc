import { expect, test } from "vitest";
import { imageBytesMax } from "./sees-images.ts";

test.for([
  "openai:gpt-5-mini",
  "openai:gpt-4o",
  "google:gemini-2.5-flash",
  "anthropic:claude-haiku-4-5",
])("%s sees", (model) => {
  expect(imageBytesMax(model, "auto")).toBeGreaterThan(3_000_000);
});

test.for([
  "openai:gpt-3.5-turbo",
  "openai:gpt-4",
  "openai:o3-mini",
  "anthropic:claude-2.1",
  "openai-compatible:llama",
  "demo:extractive",
  "nothing",
])("%s does not", (model) => {
  expect(imageBytesMax(model, "auto")).toBe(0);
});

test("the chatbot's setting decides, but the demo model stays blind", () => {
  expect(imageBytesMax("openai-compatible:llava", "yes")).toBeGreaterThan(0);
  expect(imageBytesMax("openai:gpt-5", "no")).toBe(0);
  expect(imageBytesMax("demo:extractive", "yes")).toBe(0);
});

test("Anthropic is given nothing that it would count as more than 5 MB", () => {
  const bytes = imageBytesMax("anthropic:claude-haiku-4-5", "auto");
  expect(Math.ceil(bytes / 3) * 4).toBeLessThanOrEqual(5 * 1024 * 1024);
});
