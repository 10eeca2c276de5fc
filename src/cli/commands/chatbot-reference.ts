import { z } from "zod";

/** How commands name a chatbot. */
export const chatbotReference = z
  .string()
  .min(1, "may not be empty")
  .meta({ positional: true })
  .describe("Id, name or phone number id of the chatbot.");
