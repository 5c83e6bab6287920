import { type KindDefinition, type KindName } from "../../src/kinds/registry.ts";
import { fieldTables } from "./field-rows.ts";
import { type Structural, structuralSchema } from "./structural.ts";

type Meaning = readonly [name: string, meaning: string];

const PROGRESS: readonly Meaning[] = [
  ["Ready", "What was last seen at the tenant and in the cluster is what the spec asks for. Always there."],
  ["Reconciling", "The operator waits or goes on by itself. There only while true."],
  ["Stalled", "A person must act on this object or its tenant. There only while true."],
];

const PROVIDER_CONDITIONS: readonly Meaning[] = [
  ["Authenticated", "A real call proved the operator's credential."],
  [
    "AllOwned",
    "Every object at the tenant with the mark of this installation has a resource; else the message names them.",
  ],
];

/** Conditions of a kind beside those of progress. */
const CONDITIONS: Readonly<Record<KindName, readonly Meaning[]>> = {
  ClusterIdentityProvider: PROVIDER_CONDITIONS,
  IdentityProvider: PROVIDER_CONDITIONS,
  OAuthApi: [],
  M2MClient: [
    ["Issued", "The published credential was seen to be one that the provider holds."],
    ["Verified", "A token was obtained with it, and it was what it should be."],
  ],
  ScopeGrant: [
    ["ScopesGranted", "Everything that was asked for is granted; else it names the scopes that the API does not have."],
    ["Overridden", "Something that others set up at the provider is asked first. There only while true."],
  ],
};

const EVERY_ANNOTATION: readonly Meaning[] = [
  ["paused", '"true" stops everything but deletion.'],
  ["reconcile-requested-at", "A new value, such as the time, has the tenant read again at once."],
];

const CONFIRM: Meaning = [
  "confirm-revocations",
  "Confirms that the grants to which the object no longer consents are deleted, although they are more than `--max-revocations`. The value names these grants; their condition `Ready` says it.",
];

const ORPHANS: Meaning = [
  "confirm-orphans",
  "Confirms that objects at the tenant that have no resource are deleted. The value names exactly these objects; the condition `AllOwned` says it.",
];

/** Annotations that a kind acts on beside those that every kind does. */
const ANNOTATIONS: Readonly<Record<KindName, readonly Meaning[]>> = {
  ClusterIdentityProvider: [CONFIRM, ORPHANS],
  IdentityProvider: [CONFIRM, ORPHANS],
  OAuthApi: [CONFIRM, ["force-delete", '"true": deletion does not wait for grants that others made.']],
  M2MClient: [
    [
      "rotate-requested-at",
      "A new value, such as the time, asks for one new credential; see [rotate](../how-to/rotate.md).",
    ],
    ["compromised-at", "A time (RFC 3339): what was made before it is known to others, and is ended at once."],
  ],
  ScopeGrant: [],
};

/** The page of one kind: names, an example, fields, rules, conditions and annotations. */
export function kindMarkdown(definition: KindDefinition, example: string): string {
  const { kind, description, schema, shortNames, plural, scope } = definition;
  const { properties = {} } = structuralSchema(schema);
  const spec = properties["spec"] ?? {};
  const rules = rulesOf(spec, "spec");
  const where = scope === "Cluster" ? "the whole cluster" : "a namespace";
  return (
    [
      `# ${kind}`,
      description,
      `In kubectl: \`${plural}\`, ${shortNames.map((name) => `\`${name}\``).join(", ")}, or \`m2m\` for every kind. It belongs to ${where}.`,
      `## Example\n\n\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
      `## Spec\n\n${fieldTables(spec, "spec")}`,
      ...(rules.length === 0
        ? []
        : [`## What the API server refuses\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`]),
      `## Conditions\n\nTheir reasons and what to do are in [conditions](conditions.md).\n\n${meanings("Condition", [...PROGRESS, ...CONDITIONS[kind]])}`,
      `## Annotations\n\nEach begins with \`m2m-operator.io/\`.\n\n${meanings("Annotation", [...EVERY_ANNOTATION, ...ANNOTATIONS[kind]])}`,
      `## Status\n\n${fieldTables(properties["status"] ?? {}, "status")}`,
      "Generated from the schema by `npm run generate`.",
    ].join("\n\n") + "\n"
  );
}

const table = (head: readonly string[], rows: readonly string[]): string =>
  [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...rows].join("\n");

const meanings = (heading: string, rows: readonly Meaning[]): string =>
  table(
    [heading, "Meaning"],
    rows.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  );

/** What the rules say, each with its field, in the order of the fields. */
function rulesOf(schema: Structural, path: string): readonly string[] {
  const own = (schema["x-kubernetes-validations"] as readonly { readonly message: string }[] | undefined) ?? [];
  const items = schema["items"] as Structural | undefined;
  return [
    ...own.map(({ message }) => `\`${path}\`: ${message}`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => rulesOf(child, `${path}.${name}`)),
    ...(items === undefined ? [] : rulesOf(items, `${path}[]`)),
  ];
}
