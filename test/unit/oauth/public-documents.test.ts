import { expect, it } from "vitest";
import { createMetadataCache, readKeys } from "../../../src/oauth/public-documents.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const HOUR_MS = 3_600_000;
const at = (issuer: string) => ({
  issuer,
  wellKnownUrl: `${issuer.replace(/\/$/, "")}/.well-known/oauth-authorization-server`,
});
const documentOf = (issuer: string) => ({
  issuer,
  token_endpoint: "https://acme.test/oauth/token",
  jwks_uri: "https://acme.test/keys",
});

/** A server that gives these answers, and the cache in front of it. */
function server(answer: (url: string) => Response, assertionAudience: "issuer" | "tokenEndpoint" = "issuer") {
  const clock = createFakeClock();
  const asked: string[] = [];
  const fetch = (url: string | URL | Request): Promise<Response> => {
    asked.push(new Request(url).url);
    return Promise.resolve(answer(new Request(url).url));
  };
  return { clock, asked, documents: createMetadataCache({ fetch, clock }, "Acme", assertionAudience) };
}

it.each([
  ["another host", "https://login.acme.test/", "https://acme.test/"],
  ["the host of somebody else", "https://acme.test/", "https://evil.test/"],
  ["no slash at the end", "https://acme.test/", "https://acme.test"],
  ["a slash at the end", "https://acme.test/oauth2/aus1", "https://acme.test/oauth2/aus1/"],
  ["another case", "https://acme.test/oauth2/aus1", "https://acme.test/oauth2/AUS1"],
])("nothing is taken from a document whose issuer has %s", async (_what, wanted, said) => {
  const { documents } = server(() => Response.json(documentOf(said)));
  const failure = documents.read(at(wanted));
  await expect(failure).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
  await expect(failure).rejects.toThrow(`says that its issuer is ${said}, not ${wanted}`);
});

it.each(["https://acme.test/", "https://login.acme.test/", "https://acme.test/oauth2/aus1"])(
  "a document of the issuer %s is taken",
  async (issuer) => {
    const { documents } = server(() => Response.json(documentOf(issuer)));
    expect(await documents.read(at(issuer))).toMatchObject({ issuer, assertionAudience: issuer });
  },
);

it.each<[what: string, answer: () => Response]>([
  ["a page for people", () => new Response("<html>maintenance</html>", { headers: { "content-type": "text/html" } })],
  ["nothing", () => new Response("null")],
  ["a list", () => new Response("[]")],
  ["a text", () => new Response('"text"')],
  ["the document as plain text", () => new Response(JSON.stringify(documentOf("https://acme.test/")))],
  ["the document with another status", () => Response.json(documentOf("https://acme.test/"), { status: 299 })],
  ["no token endpoint", () => Response.json({ ...documentOf("https://acme.test/"), token_endpoint: undefined })],
  [
    "an endpoint that is no https URL",
    () => Response.json({ ...documentOf("https://acme.test/"), jwks_uri: "ftp://x" }),
  ],
])("%s in place of the document is a failed read", async (_what, answer) => {
  const { documents } = server(answer);
  await expect(documents.read(at("https://acme.test/"))).rejects.toMatchObject({
    ...{ name: "ProviderError", code: "unavailable" },
  });
});

it("a document is read once an hour, and a failure is not kept", async () => {
  let isDown = true;
  const { documents, asked, clock } = server(() =>
    isDown ? new Response(null, { status: 503 }) : Response.json(documentOf("https://acme.test/")),
  );
  const place = at("https://acme.test/");
  await expect(documents.read(place)).rejects.toMatchObject({ code: "unavailable" });
  isDown = false;
  await Promise.all([documents.read(place), documents.read(place)]);
  await documents.read(place);
  expect(asked).toHaveLength(2);
  await clock.advance(HOUR_MS);
  await documents.read(place);
  expect(asked).toHaveLength(3);
});

it("keeps no document for longer than it is believed", async () => {
  const { documents, clock } = server((url) =>
    Response.json(documentOf(url.replace("/.well-known/oauth-authorization-server", ""))),
  );
  for (let index = 0; index < 100; index++) {
    await documents.read(at(`https://acme.test/oauth2/aus${String(index)}`));
    await clock.advance(HOUR_MS / 10);
  }
  expect(documents.size()).toBeLessThanOrEqual(10);
});

const KEY = { kty: "RSA", kid: "one", n: "AQAB", e: "AQAB" };

it.each<[what: string, answer: () => Response]>([
  ["thousands of keys", () => Response.json({ keys: Array.from({ length: 1000 }, () => KEY) })],
  ["a key without its type", () => Response.json({ keys: [{ kid: "one" }] })],
  ["no list of keys", () => Response.json({ keys: KEY })],
  ["plain text", () => new Response(JSON.stringify({ keys: [KEY] }))],
])("a key set with %s is a failed read", async (_what, answer) => {
  const keys = readKeys(() => Promise.resolve(answer()), "Acme", "https://acme.test/keys");
  await expect(keys).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
});

it("a key set with a media type of its own is taken", async () => {
  const headers = { "content-type": "application/jwk-set+json; charset=utf-8" };
  const answer = new Response(JSON.stringify({ keys: [KEY] }), { headers });
  expect(await readKeys(() => Promise.resolve(answer), "Acme", "https://acme.test/keys")).toEqual({ keys: [KEY] });
});
