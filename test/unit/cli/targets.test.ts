import { expect, it } from "vitest";
import { kindNamed, targetOf, wordsOf } from "../../../cli/cluster/kinds.ts";
import { explained, missingPermission } from "../../../cli/cluster/refusal.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { Failure } from "../../../cli/failure.ts";
import { GROUP, KINDS } from "../../../src/kinds/registry.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";

it.each(KINDS)("$kind is found by each of its words", (definition) => {
  for (const word of [...wordsOf(definition), definition.kind, `${definition.plural}.${GROUP}`])
    expect(kindNamed(word)).toBe(definition);
});

it("an unknown kind gets the nearest word", () => {
  expect(() => kindNamed("m2mclinet")).toThrow(/Did you mean "m2mclient"/);
});

it.each(["a/b/c", "/x", "m2mclient/", ""])("%o is not KIND/NAME", (text) => {
  expect(() => targetOf(text)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
});

it("a name alone has a kind only where the command supports one", () => {
  expect(targetOf("importer", ["M2MClient"])).toMatchObject({ definition: { kind: "M2MClient" }, name: "importer" });
  expect(() => targetOf("importer")).toThrow(/does not name a kind/);
  expect(() => targetOf("oapi/x", ["M2MClient"])).toThrow(/does not support OAuthApi/);
});

const patching = { verb: "patch", plural: "m2mclients", group: GROUP, namespace: "billing" } as const;

it.each([
  [
    new KubeError(403, "Forbidden", "no"),
    "You may not patch m2mclients.m2m-operator.io in namespace billing.",
    /Role with the verb patch/,
  ],
  [new KubeError(401, "Unauthorized", "no"), "The API server h does not accept your credentials.", /Log in again/],
  [
    new KubeError(404, "Unknown", "HTTP 404"),
    "The cluster does not have the resource m2mclients.m2m-operator.io.",
    /Install the operator's CRDs/,
  ],
  [new KubeError(0, "Unreachable", "no"), "The API server h did not answer.", /network/],
])("%s says what to do", (error, message, advice) => {
  const failure = explained(error, patching, "h");
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ message, advice: expect.stringMatching(advice) as unknown, exitCode: EXIT.failed });
});

it("a missing permission names verb, resource and place", () => {
  const attempt = { verb: "list", plural: "pods", group: "", namespace: undefined } as const;
  expect(missingPermission(attempt)).toBe("no permission to list pods in the cluster");
});
