import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { guardLookup } from "./guarded-connector.ts";
import { createGuardedFetch, type GuardedFetchSettings } from "./guarded-fetch.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function open(settings: Partial<GuardedFetchSettings> = {}) {
  const guarded = createGuardedFetch({ allowPrivateAddresses: false, ...settings });
  stack.push(guarded.close);
  return guarded;
}

const openForTests = (limits: GuardedFetchSettings["limits"] = {}) =>
  open({ allowPrivateAddresses: true, limits });

test.for([
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://0/",
  "http://①②⑦.⓪.⓪.①/",
  "http://localhost/",
  "http://foo.localhost/",
  "http://localhost./",
  "http://router/",
  "http://db.internal/",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://100.100.100.200/",
  "http://100.64.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[::7f00:1]/",
  "http://[4000::1]/",
  "http://168.63.129.16/",
  "http://[::ffff:168.63.129.16]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[64:ff9b::a9fe:a9fe]/",
  "http://[2002:7f00:1::]/",
  "http://[fe80::1]/",
  "http://[fd00:ec2::254]/",
  "http://93.184.216.34:22/",
  "http://user:secret@example.com/",
  "file:///etc/passwd",
  "ftp://example.com/",
  "javascript:alert(1)",
  "data:text/html,x",
  "not an address",
  "",
])("%s is refused before anything is connected", async (url) => {
  const guarded = open({ lookup: () => expect.unreachable("no name may be resolved") });

  await expect(guarded.fetch({ url })).rejects.toMatchObject({ code: "PAGE_ADDRESS_REFUSED" });
});

test.for([
  ["a private address", ["10.0.0.7"]],
  ["the metadata service", ["169.254.169.254"]],
  ["a private address among public ones", ["93.184.216.34", "127.0.0.1"]],
  ["a mapped loopback address", ["::ffff:127.0.0.1"]],
  ["nothing", []],
] as const)("a name that resolves to %s is refused", async ([, addresses]) => {
  const guarded = open({
    lookup: (_name, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      ),
  });

  await expect(guarded.fetch({ url: "http://rebinding.example/" })).rejects.toMatchObject({
    code: "PAGE_ADDRESS_REFUSED",
  });
});

test("what was checked is what is connected to, so a name cannot turn private after the check", () => {
  const answers = [
    [{ address: "93.184.216.34", family: 4 }],
    [{ address: "127.0.0.1", family: 4 }],
  ];
  const lookup = guardLookup((_name, _options, done) => done(null, answers.shift() ?? []));
  const given: unknown[] = [];

  lookup("rebinding.example", { all: true }, (error, addresses) => given.push(error, addresses));

  expect(given).toEqual([null, [{ address: "93.184.216.34", family: 4 }]]);
  expect(answers, "asked once").toHaveLength(1);
});

test("a page comes with what its server says of it", async () => {
  const seen: unknown[] = [];
  const base = await serve((request, response) => {
    seen.push(request.headers);
    response.writeHead(200, {
      "content-type": "Text/HTML; charset=ISO-8859-1",
      etag: '"v1"',
      "last-modified": "Tue, 24 Nov 2026 10:00:00 GMT",
      "set-cookie": "session=1",
    });
    response.end("<p>hello</p>");
  });
  const guarded = openForTests();

  const page = await guarded.fetch({ url: `${base}/faq#part` });
  await guarded.fetch({ url: `${base}/faq` });

  expect(page).toMatchObject({
    kind: "page",
    mediaType: "text/html",
    charset: "iso-8859-1",
    finalUrl: `${base}/faq`,
    etag: '"v1"',
    lastModified: "Tue, 24 Nov 2026 10:00:00 GMT",
  });
  expect(page.kind === "page" ? Buffer.from(page.bytes).toString() : "").toBe("<p>hello</p>");
  expect(seen[1]).not.toHaveProperty("cookie");
  expect(seen[1]).not.toHaveProperty("authorization");
});

test("a page that has not changed is not sent again", async () => {
  const base = await serve((request, response) => {
    const known = request.headers["if-none-match"] === '"v1"';
    response.writeHead(known ? 304 : 200, { etag: '"v1"' }).end(known ? "" : "text");
  });

  expect(await openForTests().fetch({ url: base, etag: '"v1"' })).toEqual({ kind: "unchanged" });
});

test("redirects are followed, and each of them is checked", async () => {
  const base = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" }).end();
    else if (request.url === "/b") response.end("arrived");
    else response.writeHead(301, { location: "file:///etc/passwd" }).end();
  });
  const guarded = openForTests();

  expect(await guarded.fetch({ url: `${base}/a` })).toMatchObject({ finalUrl: `${base}/b` });
  await expect(guarded.fetch({ url: `${base}/c` })).rejects.toMatchObject({
    code: "PAGE_ADDRESS_REFUSED",
  });
});

test("a page that leads in circles is given up", async () => {
  let visits = 0;
  const base = await serve((_request, response) => {
    visits += 1;
    response.writeHead(302, { location: "/again" }).end();
  });

  await expect(openForTests().fetch({ url: base })).rejects.toMatchObject({
    code: "PAGE_UNAVAILABLE",
  });
  expect(visits).toBe(6);
});

test.for([
  [404, "PAGE_GONE", false],
  [410, "PAGE_GONE", false],
  [401, "PAGE_REFUSED", false],
  [403, "PAGE_REFUSED", false],
  [429, "PAGE_UNAVAILABLE", true],
  [500, "PAGE_UNAVAILABLE", true],
] as const)("status %i is %s", async ([status, code, retryable]) => {
  const base = await serve((_request, response) => response.writeHead(status).end("secret text"));

  await expect(openForTests().fetch({ url: base })).rejects.toMatchObject({ code, retryable });
});

test("an endless page is cut off at the size limit", async () => {
  const base = await serve((_request, response) => {
    const write = (): void => {
      while (response.write(Buffer.alloc(16_384, "x")));
    };
    response.on("drain", write);
    write();
  });

  await expect(openForTests({ sizeBytesMax: 100_000 }).fetch({ url: base })).rejects.toMatchObject({
    code: "PAGE_TOO_LARGE",
  });
});

test("a page that says it is too large is not read at all", async () => {
  const base = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "999999999" }).write("x");
  });

  await expect(openForTests().fetch({ url: base })).rejects.toMatchObject({
    code: "PAGE_TOO_LARGE",
  });
});

test.for([
  ["gives no answer", () => {}],
  ["stops in the middle", (_request, response) => void response.write("begins")],
] as const satisfies readonly (readonly [string, RequestListener])[])(
  "a server that %s is given up at the deadline",
  async ([, listener]) => {
    const base = await serve(listener);

    await expect(openForTests({ deadlineMs: 100 }).fetch({ url: base })).rejects.toMatchObject({
      code: "PAGE_TOO_SLOW",
    });
  },
);

test("the caller's own signal ends a fetch with the caller's reason", async () => {
  const base = await serve(() => {});
  const controller = new AbortController();
  const reason = new Error("stopped");

  const fetched = openForTests().fetch({ url: base, signal: controller.signal });
  controller.abort(reason);

  await expect(fetched).rejects.toBe(reason);
});

test("nobody at the address is a trouble that may pass", async () => {
  await expect(openForTests().fetch({ url: "http://127.0.0.1:9/" })).rejects.toMatchObject({
    code: "PAGE_UNAVAILABLE",
  });
});
