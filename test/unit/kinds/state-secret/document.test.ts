import { describe, expect, it } from "vitest";
import { formatState, parseState } from "../../../../src/kinds/state-secret/document.ts";
import type { CredentialValues } from "../../../../src/publication/inputs.ts";
import { inputs, SECRET } from "../../publication/secret-inputs.ts";

const { credential } = inputs();
const content = {
  clientId: "client-1",
  tenant: "acme.eu.auth0.example",
  current: credential,
  next: undefined,
  previous: undefined,
};
const document = {
  id: "c1",
  authentication_method: "client_secret_post",
  client_secret: SECRET,
  created_at: "2026-01-02T03:04:05Z",
};

describe("the content of a state Secret", () => {
  it("is read as it was written", () => {
    expect(parseState(formatState(content))).toEqual(content);
  });

  it("of a service account holds nothing but its name, and is read as it was written", () => {
    const serviceAccount: CredentialValues = {
      ...{ id: "s1", authenticationMethod: "kubernetes", createdAt: "2026-01-02T03:04:05Z" },
      subject: "system:serviceaccount:team:job",
    };
    const { current = "" } = formatState({ ...content, current: serviceAccount });
    expect(JSON.parse(current)).toEqual({
      ...{ id: "s1", authentication_method: "kubernetes", created_at: "2026-01-02T03:04:05Z" },
      subject: "system:serviceaccount:team:job",
    });
    expect(parseState({ current }).current).toEqual(serviceAccount);
  });

  it("keeps its keys and members, which older versions wrote", () => {
    const { current = "", ...rest } = formatState(content);
    expect(rest).toEqual({ client_id: "client-1", tenant: "acme.eu.auth0.example" });
    expect(JSON.parse(current)).toEqual(document);
  });

  it.each<[string, string]>([
    ["no JSON", `{"client_secret": "${SECRET}`],
    ["empty", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a text", `"${SECRET}"`],
    ["without id", JSON.stringify({ ...document, id: undefined })],
    ["with an empty id", JSON.stringify({ ...document, id: "" })],
    ["with an empty secret", JSON.stringify({ ...document, client_secret: "" })],
    ["with a secret that is no text", JSON.stringify({ ...document, client_secret: 5 })],
    ["with an unknown method", JSON.stringify({ ...document, authentication_method: "none" })],
    ["with a time that is none", JSON.stringify({ ...document, created_at: "yesterday" })],
  ])("has no credential when the document is %s, and the rest stays readable", (_what, current) => {
    const parsed = parseState({ ...formatState(content), current });
    expect(parsed).toEqual({ ...content, current: undefined });
  });

  it.each(["client_id", "tenant"])("takes an empty %s for missing", (key) => {
    const { clientId, tenant } = parseState({ ...formatState(content), [key]: "" });
    expect(key === "client_id" ? clientId : tenant).toBeUndefined();
  });

  it("is nothing when the Secret is empty", () => {
    expect(parseState({})).toEqual({
      clientId: undefined,
      tenant: undefined,
      current: undefined,
      next: undefined,
      previous: undefined,
    });
  });
});
