import { describe, expect, it } from "vitest";
import type { Rendering, SecretInputs } from "../../../src/publication/inputs.ts";
import { renderApiConfigMap, renderClientSecret, renderGrantSecret } from "../../../src/publication/render.ts";
import { grant, inputs, layout, SECRET } from "./secret-inputs.ts";

const FLAT = {
  client_id: "client-1",
  client_secret: SECRET,
  token_endpoint_auth_method: "client_secret_post",
  domain: "acme.eu.auth0.example",
  issuer: "https://acme.eu.auth0.example/",
  well_known_url: "https://acme.eu.auth0.example/.well-known/oauth-authorization-server",
  token_endpoint: "https://acme.eu.auth0.example/oauth/token",
  jwks_uri: "https://acme.eu.auth0.example/.well-known/jwks.json",
  audience: "https://api.example/timesheets",
  scopes: "batch:upload read:all",
};

function dataOf(rendering: Rendering): Readonly<Record<string, string>> {
  if (rendering.kind !== "rendered") throw new Error(`not rendered: ${rendering.kind}`);
  return rendering.data;
}

function withoutGrants(): SecretInputs {
  const { clientId, domain, vendor, credential, server, apis, layout: given } = inputs();
  return {
    clientId,
    domain,
    vendor,
    credential,
    server,
    assertionAudience: undefined,
    apis,
    layout: given,
    grants: [],
  };
}

function grantsOf(given: SecretInputs): unknown {
  return JSON.parse(dataOf(renderClientSecret(given))["grants"] ?? "");
}

describe("the client's Secret", () => {
  it("has every key in snake case by default", () => {
    const { grants, ...flat } = dataOf(renderClientSecret(inputs()));
    expect(flat).toEqual(FLAT);
    expect(grants).toBe(
      '[{"name":"uploads","audience":"https://api.example/timesheets","scopes":["batch:upload","read:all"],' +
        '"issuer":"https://acme.eu.auth0.example/",' +
        '"well_known_url":"https://acme.eu.auth0.example/.well-known/oauth-authorization-server",' +
        '"token_endpoint":"https://acme.eu.auth0.example/oauth/token"}]',
    );
  });

  it.each([
    ["Snake", "", "well_known_url"],
    ["Snake", "auth.", "auth.well_known_url"],
    ["Env", "", "WELL_KNOWN_URL"],
    ["Env", "IMPORTER_", "IMPORTER_WELL_KNOWN_URL"],
    ["Kebab", "", "well-known-url"],
    ["Kebab", "app_", "app_well-known-url"],
  ] as const)("names keys in style %s with prefix '%s' like %s", (keyStyle, keyPrefix, key) => {
    const data = dataOf(renderClientSecret(inputs({ layout: layout({ keyStyle, keyPrefix }) })));
    expect(data[key]).toBe(FLAT.well_known_url);
    expect(Object.keys(data)).toHaveLength(Object.keys(FLAT).length + 1);
  });

  it("holds only what the template names with style None", () => {
    const given = inputs({ layout: layout({ keyStyle: "None" }, { "app.ini": "id={{ client_id }}" }) });
    expect(dataOf(renderClientSecret(given))).toEqual({ "app.ini": "id=client-1" });
  });

  it.each(["Env", "Kebab", "None"] as const)("keeps the names of the Service Binding keys in style %s", (keyStyle) => {
    const given = inputs({ layout: layout({ type: "servicebinding.io/oauth2", keyStyle, keyPrefix: "x" }) });
    expect(dataOf(renderClientSecret(given))).toMatchObject({ type: "oauth2", provider: "auth0" });
  });

  it("has no Service Binding keys when it is Opaque", () => {
    expect(dataOf(renderClientSecret(inputs()))).not.toHaveProperty("type");
    expect(dataOf(renderClientSecret(inputs()))).not.toHaveProperty("provider");
  });

  it("lets the template win over a key of the same name", () => {
    const given = inputs({ layout: layout({}, { audience: "{{ audience | upcase }}" }) });
    expect(dataOf(renderClientSecret(given))["audience"]).toBe("HTTPS://API.EXAMPLE/TIMESHEETS");
  });

  it("has the provider's own URLs, and neither audience nor scopes, without a primary grant", () => {
    const data = dataOf(renderClientSecret(withoutGrants()));
    expect(data).toMatchObject({ issuer: FLAT.issuer, jwks_uri: FLAT.jwks_uri, grants: "[]" });
    expect(data).not.toHaveProperty("audience");
    expect(data).not.toHaveProperty("scopes");
  });

  it("has no URLs when nothing is granted and every API has an issuer of its own", () => {
    const { client_id, client_secret, token_endpoint_auth_method, domain } = FLAT;
    const expected = { client_id, client_secret, token_endpoint_auth_method, domain, grants: "[]" };
    expect(dataOf(renderClientSecret({ ...withoutGrants(), server: undefined }))).toEqual(expected);
  });

  it("takes the URLs of the primary grant rather than the provider's", () => {
    const own = { ...grant("uploads", "api", ["a"]), issuer: "https://own.example/" };
    expect(dataOf(renderClientSecret(inputs({ grants: [own] })))["issuer"]).toBe("https://own.example/");
  });

  it("waits for a primary grant that is not there rather than showing another API", () => {
    const rendering = renderClientSecret(inputs({ primary: "other" }));
    expect(rendering).toEqual({ kind: "waiting", names: ["grants.other"] });
  });

  it("lists one entry for an API that several ScopeGrants share, with all their scopes", () => {
    const grants = [grant("b", "api-1", ["w"]), grant("a", "api-1", ["r", "w"]), grant("c", "api-2", ["x"])];
    expect(grantsOf(inputs({ grants, primary: "a" }))).toMatchObject([
      { name: "a", audience: "api-1", scopes: ["r", "w"] },
      { name: "c", audience: "api-2", scopes: ["x"] },
    ]);
  });

  it("is the same to the byte whatever the order of grants and scopes", () => {
    const data = { all: "{{ grants | json }}" };
    const one = grant("a", "api-1", ["x", "y"]);
    const two = grant("b", "api-2", ["r", "w"]);
    const oneTurned = grant("a", "api-1", ["y", "x"]);
    const render = (grants: SecretInputs["grants"]) =>
      JSON.stringify(renderClientSecret(inputs({ grants, primary: "a", layout: layout({}, data) })));
    expect(render([two, oneTurned])).toBe(render([one, two]));
  });

  it("is refused when it would be larger than the API server takes", () => {
    const scopes = Array.from({ length: 1000 }, (_, index) => `${String(index)}${"x".repeat(1_100)}`);
    const rendering = renderClientSecret(inputs({ grants: [grant("uploads", "api", scopes)] }));
    expect(rendering).toMatchObject({
      ...{ kind: "invalid", reason: "SecretTooLarge" },
      message: expect.stringMatching(/more than 1048576 bytes, most of them in "(grants|scopes)"/) as string,
    });
  });

  const huge = ["a", "b", "c", "d"].map((name) =>
    grant(
      name,
      `api-${name}`,
      Array.from({ length: 1000 }, (_, index) => `${String(index)}${"x".repeat(275)}`),
    ),
  );

  it("counts only what it would hold", () => {
    const small = layout({ keyStyle: "None" }, { id: "{{ client_id }}", one: "{{ grants.a.audience }}" });
    const rendering = renderClientSecret(inputs({ grants: huge, primary: "a", layout: small }));
    expect(dataOf(rendering)).toEqual({ id: "client-1", one: "api-a" });
  });

  it("says what to do where a template writes out too much", () => {
    const all = layout({ keyStyle: "None" }, { all: "{{ grants }}" });
    const rendering = renderClientSecret(inputs({ grants: huge, primary: "a", layout: all }));
    const message = expect.stringContaining("grants is too large to render: name the grants") as string;
    expect(rendering).toEqual({ kind: "invalid", reason: "TemplateInvalid", message });
  });

  it("counts bytes, not characters", () => {
    const text = "€".repeat(16_000);
    const data = Object.fromEntries(Array.from({ length: 22 }, (_, index) => [`k${String(index)}`, text]));
    expect(renderClientSecret(inputs({ layout: layout({}, data) })).kind).toBe("invalid");
  });

  it("is refused when a prefix makes keys that the API server does not take", () => {
    const rendering = renderClientSecret(inputs({ layout: layout({ keyPrefix: ".." }) }));
    expect(rendering).toMatchObject({
      kind: "invalid",
      message:
        "spec.secret.keyPrefix makes the key \"..client_id\", which cannot be a key of a Secret. Use at most 253 letters, digits, '-', '_' and '.', and no '..' at the beginning.",
    });
  });

  it("names every value that its templates wait for, sorted", () => {
    const data = { one: "{{ grants.zeta.audience }}", two: "{{ apis.portal.issuer }}", three: "{{ client_id }}" };
    const rendering = renderClientSecret(inputs({ layout: layout({}, data) }));
    expect(rendering).toEqual({ kind: "waiting", names: ["apis.portal", "grants.zeta"] });
  });

  it("names the key whose template is wrong", () => {
    const rendering = renderClientSecret(inputs({ layout: layout({}, { "app.ini": "{{ client_id" }) }));
    expect(rendering).toMatchObject({ kind: "invalid", message: expect.stringContaining('data["app.ini"]') as string });
  });
});

describe("the Secret for one API alone", () => {
  it("has the flat keys of that grant, whichever is primary", () => {
    const grants = [grant("uploads", "api-1", ["a"]), grant("reports", "api-2", ["c", "b"])];
    const data = dataOf(renderGrantSecret(inputs({ grants }), "reports"));
    expect(data).toMatchObject({ client_id: "client-1", client_secret: SECRET, audience: "api-2", scopes: "b c" });
    expect(data["grants"]).not.toContain("api-1");
  });

  it("waits for a grant that is not there", () => {
    expect(renderGrantSecret(inputs(), "other")).toEqual({ kind: "waiting", names: ["grants.other"] });
  });
});

describe("the ConfigMap of an API", () => {
  it("holds what verifying a token needs and nothing of any client", () => {
    expect(renderApiConfigMap(grant("uploads", "api-1", ["w", "r", "w"]))).toEqual({
      audience: "api-1",
      issuer: FLAT.issuer,
      jwks_uri: FLAT.jwks_uri,
      scopes: "r w",
      token_endpoint: FLAT.token_endpoint,
      well_known_url: FLAT.well_known_url,
    });
  });
});
