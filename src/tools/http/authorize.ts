import { AppError } from "#domain/errors.ts";
import type { HttpSettings } from "./http-settings.ts";

/**
 * The header that lets a request in. Without `settings.auth`: a user name and a password are sent as
 * basic authentication, a single credential as bearer token.
 * @throws AppError TOOL_MISCONFIGURED when a credential is missing, or several fit.
 */
export function authorize(
  { auth }: Pick<HttpSettings, "auth">,
  credentials: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = Object.keys(credentials);
  const type = auth?.type ?? guess(credentials);
  switch (type) {
    case "none":
      return {};
    case "basic": {
      const pair = `${find(credentials, "username")}:${find(credentials, "password")}`;
      return { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
    }
    case "bearer":
    case "header": {
      const chosen = auth !== undefined && "credential" in auth ? auth.credential : undefined;
      if (chosen === undefined && names.length !== 1)
        throw new AppError(
          "TOOL_MISCONFIGURED",
          `settings.auth.credential says which of the credentials is meant: ${names.join(", ") || "there is none"}.`,
        );
      const secret = find(credentials, chosen ?? names[0] ?? "");
      return auth?.type === "header"
        ? { [auth.header.toLowerCase()]: secret }
        : { authorization: `Bearer ${secret}` };
    }
  }
}

function guess(credentials: Readonly<Record<string, string>>): "none" | "basic" | "bearer" {
  if (Object.keys(credentials).length === 0) return "none";
  return "username" in credentials && "password" in credentials ? "basic" : "bearer";
}

function find(credentials: Readonly<Record<string, string>>, name: string): string {
  const secret = credentials[name];
  if (secret === undefined || secret === "")
    throw new AppError("TOOL_MISCONFIGURED", `There is no credential ${name}.`);
  if (/[^\t\x20-\x7e\xa0-\xff]/.test(secret))
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `The credential ${name} holds a line end or another character that no header can.`,
    );
  return secret;
}
