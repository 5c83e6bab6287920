import { expect, it } from "vitest";
import { blockOf } from "../../../../src/kinds/m2m-client/publication/gather.ts";
import { inputs, layout } from "../../publication/secret-inputs.ts";

const publicationOf = (template: string) => {
  const { credential: _none, ...rest } = inputs({ layout: layout({}, { file: template }) });
  return {
    inputs: rest,
    carried: [],
    primary: { kind: "chosen", api: { ids: ["ns/api"], grants: ["uploads"] } } as const,
    verifiable: undefined,
    underWay: [],
  };
};

it.each([
  ["a secret", "client_secret", "{{ client_secret }}", undefined],
  ["a key", "private_key", "{{ private_key }} {{ key_id }}", undefined],
  ["a secret", "client_secret", "{{ private_key }}", "TemplateInvalid"],
  ["a key", "private_key", "{{ client_secret }}", "TemplateInvalid"],
  ["a key of the user's own", "public_key", "{{ private_key }}", "TemplateInvalid"],
  ["a key of the user's own", "public_key", "{{ signing_algorithm }}", undefined],
] as const)(
  "for a client with %s (%s), the template %s is judged by what will be there",
  (_what, shape, text, reason) => {
    expect(blockOf(publicationOf(text), shape, { isPublished: true, isCurrent: false })?.reason).toBe(reason);
  },
);

it("a template for the method that the client is about to have waits for it", () => {
  const publication = { ...publicationOf("{{ private_key }}"), method: "private_key_jwt" as const };
  expect(blockOf(publication, "client_secret", { isPublished: true, isCurrent: false })?.reason).toBe(
    "WaitingForTemplateValue",
  );
});

it("a name that the method never has is told with the method", () => {
  const block = blockOf(publicationOf("{{ private_key }}"), "client_secret", { isPublished: true, isCurrent: false });
  expect(block?.message).toBe(
    "spec.secret.template needs private_key, which does not exist with method client_secret_basic or client_secret_post. Remove it from the template, or change spec.authentication.",
  );
});

it("a Secret that was rendered from the same publication is not rendered again to find what blocks it", () => {
  const publication = publicationOf("{{ private_key }}");
  expect(blockOf(publication, "client_secret", { isPublished: true, isCurrent: true })).toBeUndefined();
});
