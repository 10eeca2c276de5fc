import { z } from "zod";

/** How commands name a chatbot. */
export const chatbotReference = z
  .string()
  .min(1, "may not be empty")
  .meta({ positional: true })
  .describe("Id, name or phone number id of the chatbot.");

/** The same as an option: for commands about something that a chatbot has. */
export const chatbotOption = z
  .string()
  .min(1, "may not be empty")
  .meta({ placeholder: "chatbot" })
  .describe("Id, name or phone number id of the chatbot.");
