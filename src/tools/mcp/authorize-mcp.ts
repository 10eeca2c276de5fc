import { AppError } from "#domain/errors.ts";
import { type Authorization, fixedAuthorization } from "#providers/mcp/authorization.ts";
import type { TokenCache } from "#providers/mcp/client-credentials.ts";
import { authorize } from "#tools/http/authorize.ts";
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
  if (auth?.type !== "client_credentials") {
    const { authorization = null, ...headers } = authorize({ auth }, credentials);
    return { authorization: fixedAuthorization(authorization), headers };
  }
  const { client_id: clientId, client_secret: clientSecret } = credentials;
  if (clientId === undefined || clientSecret === undefined)
    throw new AppError(
      "TOOL_MISCONFIGURED",
      "The credentials client_id and client_secret are needed.",
    );
  const scope = auth.scope === undefined ? {} : { scope: auth.scope };
  return {
    headers: {},
    authorization: tokens.authorization({
      tokenUrl: auth.token_url,
      clientId,
      clientSecret,
      secretIn: auth.secret_in,
      parameters: { ...auth.parameters, ...scope },
    }),
  };
}
