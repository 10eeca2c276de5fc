import { AppError } from "#domain/errors.ts";
import { type Authorization, fixedAuthorization } from "#providers/mcp/authorization.ts";
import type { TokenCache } from "#providers/mcp/client-credentials.ts";
import type { McpSettings } from "./read-mcp-settings.ts";

/** What lets requests in: an `Authorization` that may change, and a header that does not. */
export type McpAccess = {
  readonly authorization: Authorization;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Chooses among the credentials as `settings.auth` says. Without it a single credential, such as
 * `api_key`, is sent as bearer token.
 * @throws AppError TOOL_MISCONFIGURED when a credential is missing, or several fit.
 */
export function authorizeMcp(
  tokens: TokenCache,
  { auth }: Pick<McpSettings, "auth">,
  credentials: Readonly<Record<string, string>>,
): McpAccess {
  if (auth?.type === "client_credentials")
    return {
      headers: {},
      authorization: tokens.authorization({
        tokenUrl: auth.token_url,
        clientId: findCredential(credentials, "client_id"),
        clientSecret: findCredential(credentials, "client_secret"),
        secretIn: auth.secret_in,
        parameters: {
          ...auth.parameters,
          ...(auth.scope === undefined ? {} : { scope: auth.scope }),
        },
      }),
    };
  const names = Object.keys(credentials);
  const type = auth?.type ?? (names.length === 0 ? "none" : "bearer");
  if (type === "none") return { authorization: fixedAuthorization(null), headers: {} };
  const chosen = auth !== undefined && "credential" in auth ? auth.credential : undefined;
  if (chosen === undefined && names.length !== 1)
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `settings.auth.credential says which of the credentials is meant: ${names.join(", ") || "there is none"}.`,
    );
  const secret = findCredential(credentials, chosen ?? names[0] ?? "");
  return auth?.type === "header"
    ? { authorization: fixedAuthorization(null), headers: { [auth.header.toLowerCase()]: secret } }
    : { authorization: fixedAuthorization(`Bearer ${secret}`), headers: {} };
}

function findCredential(credentials: Readonly<Record<string, string>>, name: string): string {
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
