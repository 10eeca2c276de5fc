import type { Clock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { createTokenCache } from "#providers/mcp/client-credentials.ts";
import { createMcpClients } from "#providers/mcp/mcp-clients.ts";
import { createBuiltinTools } from "#tools/builtin/open-builtin-tools.ts";
import { createBreakers } from "#tools/create-breakers.ts";
import { createHttpTools } from "#tools/http/open-http-tools.ts";
import { createMcpTools } from "#tools/mcp/open-mcp-tools.ts";
import type { ToolServices } from "#tools/tool-source.ts";
import { createWindmillTools } from "#tools/windmill/open-windmill-tools.ts";
import type { Config } from "./config.ts";

/** Opens what integrations are reached with, by provider; none connects to anything before it is used. */
export function openToolServices(config: Config, clock: Clock): ToolServices {
  const requests = createGuardedRequests({
    allowPrivateAddresses: config.FETCH_ALLOW_PRIVATE_ADDRESSES,
  });
  const platformRequests = createGuardedRequests({ allowPrivateAddresses: true });
  const mcp = createMcpClients({ requests, clock });
  return {
    toolProviders: new Map([
      ["builtin", createBuiltinTools({ clock })],
      ["http", createHttpTools({ requests })],
      ["mcp", createMcpTools({ clients: mcp, tokens: createTokenCache({ requests, clock }) })],
      [
        "windmill",
        createWindmillTools({
          platform: {
            baseUrl: config.WINDMILL_URL,
            workspace: config.WINDMILL_WORKSPACE,
            token: config.WINDMILL_TOKEN,
          },
          requests: { platform: platformRequests, tenant: requests },
          clock,
        }),
      ],
    ]),
    breakers: createBreakers(clock),
    close: async () => {
      await mcp.close();
      await Promise.all([requests.close(), platformRequests.close()]);
    },
  };
}
