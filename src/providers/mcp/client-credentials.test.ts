import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { type ClientCredentials, createTokenCache } from "./client-credentials.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
});

/** An authorization server that hands out token-1, token-2, … */
async function start(answer: { status?: number; life?: number | null; body?: string } = {}) {
  const asked: { readonly headers: IncomingHttpHeaders; readonly fields: URLSearchParams }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ headers: request.headers, fields: new URLSearchParams(body) });
      const life = answer.life === undefined ? 3_600 : answer.life;
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      response.end(
        answer.body ??
          JSON.stringify({
            access_token: `token-${asked.length}`,
            token_type: "Bearer",
            ...(life === null ? {} : { expires_in: life }),
          }),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  stack.push(async () => {
    await requests.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  let nowMs = 0;
  const tokens = createTokenCache({ requests, clock: { monotonicMs: () => nowMs } });
  const credentials: ClientCredentials = {
    tokenUrl: `http://127.0.0.1:${port}/token`,
    clientId: "parley & co",
    clientSecret: "s:ecret",
    secretIn: "header",
    parameters: { scope: "tools:call" },
  };
  const signal = () => AbortSignal.timeout(5_000);
  return {
    asked,
    answer,
    pass: (durationMs: number) => {
      nowMs += durationMs;
    },
    authorizationOf: (changes: Partial<ClientCredentials> = {}) => {
      const { get, renew } = tokens.authorization({ ...credentials, ...changes });
      return { get: () => get(signal()), renew: (refused: string) => renew(refused, signal()) };
    },
  };
}

test("a token is fetched with the grant for machines, once for all who ask, and kept while it lasts", async () => {
  const { asked, pass, authorizationOf } = await start();
  const { get } = authorizationOf();

  expect(await Promise.all([get(), get()])).toEqual(["Bearer token-1", "Bearer token-1"]);
  pass(3_569_000);
  expect(await authorizationOf().get()).toBe("Bearer token-1");
  pass(2_000);
  expect(await get()).toBe("Bearer token-2");

  expect(asked).toHaveLength(2);
  expect(Object.fromEntries(asked[0]?.fields ?? [])).toEqual({
    grant_type: "client_credentials",
    scope: "tools:call",
  });
  expect(asked[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from("parley+%26+co:s%3Aecret").toString("base64")}`,
  );
});

test("the secret goes into the body where the server wants it there", async () => {
  const { asked, authorizationOf } = await start();

  await authorizationOf({ secretIn: "body", parameters: { audience: "shop" } }).get();

  expect(asked[0]?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(asked[0]?.fields ?? [])).toEqual({
    grant_type: "client_credentials",
    audience: "shop",
    client_id: "parley & co",
    client_secret: "s:ecret",
  });
});

test("a refused token is replaced by one new one, however many were refused it", async () => {
  const { asked, authorizationOf } = await start();
  const { get, renew } = authorizationOf();
  await get();

  const renewed = await Promise.all([renew("Bearer token-1"), renew("Bearer token-1")]);

  expect(renewed).toEqual(["Bearer token-2", "Bearer token-2"]);
  expect(asked).toHaveLength(2);
});

test("other credentials get another token", async () => {
  const { authorizationOf } = await start();

  expect(await authorizationOf().get()).toBe("Bearer token-1");
  expect(await authorizationOf({ clientSecret: "rotated" }).get()).toBe("Bearer token-2");
});

test("of a token of unknown life some minutes are used, and of a short life half", async () => {
  const { answer, pass, authorizationOf } = await start({ life: null });
  const { get } = authorizationOf();
  await get();
  pass(269_000);
  expect(await get()).toBe("Bearer token-1");
  answer.life = 10;
  pass(2_000);
  expect(await get()).toBe("Bearer token-2");
  pass(4_000);
  expect(await get()).toBe("Bearer token-2");
  pass(2_000);
  expect(await get()).toBe("Bearer token-3");
});

test.for([
  [{ status: 401, body: "{}" }, "TOOL_CREDENTIALS_REFUSED"],
  [{ status: 400, body: '{"error":"invalid_scope"}' }, "TOOL_CREDENTIALS_REFUSED"],
  [{ status: 503, body: "" }, "TOOL_UNAVAILABLE"],
  [{ body: "<html>" }, "TOOL_MISCONFIGURED"],
  [{ body: '{"access_token":"a\\nb"}' }, "TOOL_MISCONFIGURED"],
] as const)("the answer %j is %s, and is not kept", async ([answer, code]) => {
  const server = await start({ ...answer });
  const { get } = server.authorizationOf();

  await expect(get()).rejects.toMatchObject({ code });

  server.answer.status = 200;
  delete server.answer.body;
  expect(await get()).toBe("Bearer token-2");
});

test("an authorization server in the own network is not asked", async () => {
  const requests = createGuardedRequests({ allowPrivateAddresses: false });
  stack.push(requests.close);
  const tokens = createTokenCache({ requests, clock: { monotonicMs: () => 0 } });
  const { get } = tokens.authorization({
    tokenUrl: "http://169.254.169.254/token",
    clientId: "a",
    clientSecret: "b",
    secretIn: "header",
    parameters: {},
  });

  await expect(get(AbortSignal.timeout(1_000))).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
  });
});
