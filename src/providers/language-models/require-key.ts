import { AppError } from "#domain/errors.ts";
import type { ModelProviderSettings } from "./language-models.ts";

/** The settings with their key, or `MODEL_KEY_INVALID` with the variable that has to be set. */
export function requireKey(
  settings: ModelProviderSettings | undefined,
  variable: string,
): { readonly apiKey: string; readonly baseUrl: string | undefined } {
  const { apiKey, baseUrl } = settings ?? {};
  if (apiKey !== undefined && apiKey !== "") return { apiKey, baseUrl };
  throw new AppError("MODEL_KEY_INVALID", `This model needs an API key: set ${variable}.`);
}
