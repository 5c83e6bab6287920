import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { excluding, exportOf, filesOf, listText, streamText } from "../../../../cli/export/index.ts";
import { PROVIDERS } from "../../../../src/providers/by-name.ts";
import { api, client, grant, provider, ref } from "./tenant.ts";

const ORIGIN = { source: "the auth0 tenant acme.eu.auth0.com", loginClients: 4, excluded: undefined };
const INVENTORY = { apis: [api()], clients: [client()], grants: [grant()], loginClients: 4, unreadable: [] };

function exportedWith(fields: object = {}) {
  const { auth0 } = PROVIDERS;
  if (auth0 === undefined) throw new Error("auth0 is not registered");
  const { capabilities, apiSection: section } = auth0;
  const inventory = { ...INVENTORY, ...fields };
  const input = {
    inventory,
    provider: provider(),
    vendor: "auth0",
    capabilities,
    section,
    namespaceOf: () => "billing",
  };
  return exportOf(input, () => true);
}

it("the top names what is not in the manifests, and the rest is what kubectl takes", () => {
  const text = streamText(exportedWith({ apis: [api({ beyond: ["token_encryption"] })] }), ORIGIN);
  const [header = "", ...documents] = text.split("\n---\n");
  expect(header.split("\n")).toEqual([
    "# Exported by kubectl m2m export from the auth0 tenant acme.eu.auth0.com.",
    "# 1 OAuthApi, 1 M2MClient, 1 ScopeGrant. 4 clients that people log in through: not exported.",
    expect.stringMatching(/^# shareCredential: true in spec.allow/),
    "#",
    "# Not in these manifests (1):",
    "# - API https://timesheets.example.com/: token_encryption",
  ]);
  expect(documents).toHaveLength(4);
  expect(parseAllDocuments(text).every(({ errors }) => errors.length === 0)).toBe(true);
  expect(text).not.toMatch(/&a1|\*a1/);
});

it("a name cannot end its comment: what is no printable character becomes a space", () => {
  const hostile = client({ displayName: "x\u0085---\nkind: Secret\u2028\u001b[31m", beyond: ["logo_uri"] });
  const text = streamText(exportedWith({ clients: [hostile] }), ORIGIN);
  const [header = ""] = text.split("\n---\n");
  expect(header.split(/[\n\u0085\u2028]/).every((line) => line.startsWith("#"))).toBe(true);
  expect(header).not.toContain("\u001b");
});

it("files and a list have the same objects, and the kustomization names every file", () => {
  const exported = exportedWith();
  const files = filesOf(exported, ORIGIN);
  expect([...files.keys()]).toEqual([
    "kustomization.yaml",
    "clusteridentityprovider-default.yaml",
    "billing/oauthapi-timesheets.yaml",
    "billing/m2mclient-import-job.yaml",
    "billing/scopegrant-import-job-timesheets.yaml",
  ]);
  for (const path of [...files.keys()].slice(1)) expect(files.get("kustomization.yaml")).toContain(`- ${path}\n`);
  expect((JSON.parse(listText(exported)) as { items: object[] }).items).toEqual(exported.manifests);
});

it("what the user excludes is gone with its grants, and counted", () => {
  const other = client({ ref: ref("client2"), clientId: "client2" });
  const inventory = { ...INVENTORY, clients: [client(), other] };
  const { inventory: left, excluded } = excluding(inventory, ["client1"]);
  expect([left.clients, left.grants]).toEqual([[other], []]);
  expect(excluded).toBe("0 APIs, 1 clients and 1 grants");
  expect(() => excluding(inventory, ["nobody"])).toThrow(/neither a client ID nor an audience/);
});
