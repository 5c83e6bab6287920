import { expect, it } from "vitest";
import { rowsOf, treeText } from "../../../cli/status/print.ts";
import type { Snapshot } from "../../../cli/status/snapshot.ts";
import { stateOf } from "../../../cli/status/state.ts";
import { isAllReady, prunedTo, summaryOf, summaryText } from "../../../cli/status/summary.ts";
import { treeOf } from "../../../cli/status/tree.ts";
import { tableText } from "../../../cli/terminal/table.ts";
import { REASONS } from "../../../src/kinds/status/reasons.ts";
import { client, condition, object, READY, stalled } from "./objects.ts";

const NOTHING: Snapshot = {
  ...{ providers: [], apis: [], clients: [], grants: [], notes: [] },
  ...{ secrets: new Map(), pods: new Map() },
};
const plain = (_style: string, text: string): string => text;
const provider = object<Snapshot["providers"][number]>("ClusterIdentityProvider", "default", {
  namespace: undefined,
  status: { vendor: "auth0", tenant: "example.eu.auth0.com" },
});
const api = object<Snapshot["apis"][number]>("OAuthApi", "timesheets", { spec: { audience: "https://timesheets" } });
const importer = client({
  status: { clientId: "abc", binding: { name: "importer-oauth" }, waitingForPods: ["importer-2"] },
});
const grant = (fields: object = {}) =>
  object<Snapshot["grants"][number]>("ScopeGrant", "importer-timesheets", {
    spec: { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, scopes: ["read:x"] },
    ...fields,
  });
const pod = (name: string, by: "env" | "volume", hasEnded = false) => ({
  ...{ name, hasEnded },
  uses: [{ secret: "importer-oauth", by, runsSince: undefined }],
});
const WHOLE: Snapshot = {
  ...NOTHING,
  ...{ providers: [provider], apis: [api], clients: [importer], grants: [grant()] },
  secrets: new Map([["billing", new Set(["importer-oauth"])]]),
  pods: new Map([["billing", [pod("importer-1", "volume"), pod("importer-2", "env"), pod("done", "env", true)]]]),
};

it("shows providers, APIs with grants, and clients with grants, Secret and Pods", () => {
  const roots = treeOf(WHOLE);
  expect(treeText(roots, summaryOf(roots), plain)).toBe(
    [
      "ClusterIdentityProvider default  Ready  auth0 example.eu.auth0.com",
      "├── OAuthApi billing/timesheets  Ready  https://timesheets",
      "│   └── ScopeGrant billing/importer-timesheets  Ready  client importer: read:x",
      "└── M2MClient billing/importer  Ready  abc",
      "    ├── ScopeGrant billing/importer-timesheets  Ready  api timesheets: read:x",
      "    └── Secret billing/importer-oauth",
      "        ├── Pod billing/importer-1  volume mount",
      "        └── Pod billing/importer-2  environment",
      "                OldCredential: Pod billing/importer-2 still uses the old credential.",
      "                To do: Restart it.",
      "",
      "4 resources: 4 Ready",
    ].join("\n"),
  );
});

it("says what is wrong and what to do, once", () => {
  const conditions = [...stalled("NotOwned", "The tenant has such an API."), condition("Other", "True", "Fine")];
  const state = stateOf(object("OAuthApi", "x", { status: { conditions } }));
  expect(state.word).toBe("Stalled");
  expect(state.findings).toEqual([
    { reason: "NotOwned", message: "The tenant has such an API.", action: REASONS.NotOwned[1] },
  ]);
});

it("a grant in two places says what is wrong in the first", () => {
  const broken = grant({ status: { conditions: stalled("UnknownScopes", "No such scope.") } });
  const roots = treeOf({ ...WHOLE, grants: [broken] });
  expect(treeText(roots, summaryOf(roots), plain).match(/No such scope/g)).toHaveLength(1);
});

it.each([
  ["Pending", { conditions: [] }, {}],
  ["Paused", { conditions: [condition("Ready", "Unknown", "Paused")] }, {}],
  ["Reconciling", { conditions: [condition("Ready", "False", "Progressing")] }, {}],
  ["Reconciling", { conditions: [READY] }, { generation: 2 }],
  ["Deleting", { conditions: [READY] }, { deletionTimestamp: "2026-05-01T00:00:00Z" }],
])("a resource can be %s", (word, status, metadata) => {
  expect(stateOf(object("OAuthApi", "x", { status, ...metadata })).word).toBe(word);
});

it("a Ready resource still shows a condition that is wrong", () => {
  const held = condition("RevocationsHeld", "True", "MassRevocation", "12 grants wait.");
  const owned = condition("AllOwned", "False", "OrphansFound", "One orphan.");
  const { word, findings } = stateOf(object("OAuthApi", "x", { status: { conditions: [READY, held, owned] } }));
  expect([word, ...findings.map(({ reason }) => reason)]).toEqual(["Ready", "MassRevocation", "OrphansFound"]);
});

it("a Secret that does not exist is a finding, but not when Secrets cannot be listed", () => {
  const findingsIn = (secrets: Snapshot["secrets"]) =>
    treeOf({ ...NOTHING, clients: [importer], secrets })[0]?.children[0]?.findings.map(({ reason }) => reason);
  expect(findingsIn(new Map([["billing", new Set<string>()]]))).toEqual(["SecretMissing"]);
  expect(findingsIn(new Map())).toEqual([]);
});

it("an API names grants of namespaces that were not read, without a state", () => {
  const grants = [{ namespace: "payroll", name: "report", client: "reporter", scopes: ["read:x"] }];
  const [root] = treeOf({ ...NOTHING, apis: [{ ...api, status: { ...api.status, grants } }] });
  expect(root?.children).toMatchObject([{ namespace: "payroll", name: "report", detail: "client reporter: read:x" }]);
  expect(root?.children[0]?.state).toBeUndefined();
});

it("resources without a visible provider, and grants without both sides, are roots", () => {
  const roots = treeOf({ ...NOTHING, apis: [api], grants: [grant({ spec: { clientRef: { name: "gone" } } })] });
  expect(roots.map(({ kind }) => kind)).toEqual(["OAuthApi", "ScopeGrant"]);
});

it("sums up every resource once", () => {
  const broken = client({ status: { conditions: stalled("LimitReached", "No more clients.") } });
  const summary = summaryOf(treeOf({ ...WHOLE, clients: [broken] }));
  expect(summaryText(summary)).toBe("4 resources: 3 Ready, 1 Stalled");
  expect(isAllReady(summary)).toBe(false);
  expect(summaryText(summaryOf([]))).toBe("0 resources");
});

it("one resource keeps the branches that lead to it", () => {
  const roots = prunedTo(treeOf(WHOLE), "ScopeGrant", "importer-timesheets", "billing");
  expect(roots.flatMap(({ children }) => children.map(({ kind }) => kind))).toEqual(["OAuthApi", "M2MClient"]);
  const ofClient = prunedTo(treeOf(WHOLE), "M2MClient", "importer", "billing");
  expect(ofClient[0]?.children[0]?.children.map(({ kind }) => kind)).toEqual(["ScopeGrant", "Secret"]);
  expect(prunedTo(treeOf(WHOLE), "M2MClient", "importer", "payroll")).toEqual([]);
});

it("a table has columns as kubectl prints them", () => {
  const [, row = []] = rowsOf(treeOf(WHOLE));
  expect(tableText(["NAMESPACE", "KIND", "NAME", "STATE"], [row.slice(0, 4)])).toBe(
    "NAMESPACE   KIND       NAME         STATE\nbilling     OAuthApi   timesheets   Ready",
  );
});

it("names the command that confirms what waits for it, and the usual remedy elsewhere", () => {
  const pending = { annotation: "m2m-operator.io/confirm-revocations", value: "0123", message: "Deletes 30 grants." };
  const held = condition("RevocationsHeld", "True", "MassRevocation", "Deletes 30 grants. Deletes 40 grants.");
  const waiting = object("OAuthApi", "timesheets", {
    status: { conditions: [READY, held], pendingConfirmations: [pending] },
  });
  expect(stateOf(waiting).findings.map(({ action }) => action)).toEqual([
    "If you want that: kubectl m2m confirm-revocations oauthapi/timesheets -n billing",
  ]);
  const orphans = { ...pending, annotation: "m2m-operator.io/confirm-orphans" };
  const owned = condition("AllOwned", "False", "OrphansFound", orphans.message);
  const provider = object("ClusterIdentityProvider", "default", {
    namespace: undefined,
    status: { conditions: [READY, owned], pendingConfirmations: [orphans] },
  });
  expect(stateOf(provider).findings[0]?.action).toBe(
    "If you want that: kubectl m2m confirm-orphans clusteridentityprovider/default",
  );
  const foreign = object("ScopeGrant", "x", { status: { conditions: stalled("MassRevocation", "Ask its owner.") } });
  expect(stateOf(foreign).findings[0]?.action).toBe(REASONS.MassRevocation[1]);
});
