import type { Clock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { createBuiltinTools } from "#tools/builtin/open-builtin-tools.ts";
import { createBreakers } from "#tools/create-breakers.ts";
import { createHttpTools } from "#tools/http/open-http-tools.ts";
import type { ToolServices } from "#tools/tool-source.ts";
import type { Config } from "./config.ts";

/** Opens what integrations are reached with, by provider; none connects to anything before it is used. */
export function openToolServices(config: Config, clock: Clock): ToolServices {
  const requests = createGuardedRequests({
    allowPrivateAddresses: config.FETCH_ALLOW_PRIVATE_ADDRESSES,
  });
  return {
    toolProviders: new Map([
      ["builtin", createBuiltinTools({ clock })],
      ["http", createHttpTools({ requests })],
    ]),
    breakers: createBreakers(clock),
    close: () => requests.close(),
  };
}
