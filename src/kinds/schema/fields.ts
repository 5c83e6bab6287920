import { z } from "zod";
import { atomicList, celPattern, matching, textMap, textSet, withRules } from "./rules.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

/** A Kubernetes object's name (RFC 1123 subdomain). */
export const objectName = () =>
  matching(
    z.string().min(1).max(253),
    `^${SUBDOMAIN}$`,
    "must be the name of a Kubernetes object: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
  );

/** A namespace's name (RFC 1123 label). */
export const namespaceName = () =>
  matching(
    z.string().min(1).max(63),
    `^${LABEL}$`,
    "must be the name of a namespace: lower-case letters, digits and '-', beginning and ending with a letter or digit",
  );

/** A name of something this operator publishes; the state Secrets' names are its own. */
export const publishedName = () =>
  withRules(objectName(), [
    {
      rule: "!self.endsWith('.m2m-state')",
      message: "the operator reserves names that end in .m2m-state: choose another name",
      holds: (name) => !name.endsWith(".m2m-state"),
    },
  ]);

const SCOPE = "^[!#-\\[\\]-~]+$";
const SCOPE_TEXT = "Scope (RFC 6749 section 3.3). Printable characters without space, quotation mark or backslash.";

/** A scope token (RFC 6749 section 3.3): no spaces, quotes or backslashes. */
export const scopeName = () =>
  matching(
    z.string().min(1).max(280),
    SCOPE,
    "a scope must not contain spaces, quotation marks or backslashes: write one scope per entry",
  ).describe(SCOPE_TEXT);

/** The same within lists of lists, where a rule for each would cost the API server too much. */
export const listedScopeName = () => z.string().min(1).max(280).regex(new RegExp(SCOPE)).describe(SCOPE_TEXT);

/** The audience of an API, as people write it. */
export const audienceText = (field: string) =>
  matching(z.string().min(1).max(600), "^[^\\s]+$", `${field} must not contain spaces`);

/** An id or a name at the provider that becomes one segment of a path (RFC 3986 section 3.3), never more or none. */
export const remoteId = (pattern = "^[^\\p{Cc}]+$", message = "must not contain control characters") =>
  withRules(matching(z.string().min(1).max(255), pattern, message), [
    {
      rule: "!(self in ['.', '..']) && !self.contains('/') && !self.contains('\\\\')",
      message: "must be one ID or name: not . or .., and without a slash",
      holds: (text) => ![".", ".."].includes(text) && !/[/\\]/.test(text),
    },
  ]);

/** Shown to people at the provider. */
export const displayName = () =>
  withRules(z.string().min(1).max(200), [
    {
      rule: "!self.contains('<') && !self.contains('>')",
      message: "displayName must not contain < or >",
      holds: (text) => !/[<>]/.test(text),
    },
  ]).describe(
    "Name at the provider. Must not contain < or >. Default: metadata.name. An adopted object keeps its name if this is unset.",
  );

/** `what` has its article, such as "an API". */
export const adopt = (what: string) =>
  z
    .boolean()
    .describe(
      `Whether to adopt ${what} that exists at the provider. The provider object must allow it too (spec.allow[].adopt). The operator changes only what the spec names. Default: false.`,
    );

export const deletionPolicy = (what: string) =>
  z
    .enum(["Delete", "Retain"])
    .describe(
      `What happens to ${what} at the provider when this resource is deleted. Retain keeps it, and the published objects. Default: Delete, or Retain if adopted.`,
    );

export const providerRef = () =>
  withRules(
    z
      .object({
        kind: z
          .enum(["ClusterIdentityProvider", "IdentityProvider"])
          .default("ClusterIdentityProvider")
          .describe(
            "Kind of the provider object. An IdentityProvider must be in this namespace. Default: ClusterIdentityProvider.",
          ),
        name: objectName().default("default").describe("Name of the provider object. Default: default."),
      })
      .default({ kind: "ClusterIdentityProvider", name: "default" })
      .describe("Provider object of the tenant. Immutable."),
    [
      {
        rule: "self == oldSelf",
        message:
          "providerRef is immutable: delete this resource and create it again (deletionPolicy: Retain keeps the object at the tenant)",
      },
    ],
  );

const labelExpression = () =>
  z.object({
    key: z.string().min(1).max(317).describe("Label key."),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("Comparison of the label with values."),
    values: textSet(z.string().max(63), 50).optional().describe("Values for In and NotIn."),
  });

/** Which namespaces a consent is for. */
export const namespaceRule = () =>
  withRules(
    z.object({
      from: z
        .enum(["All", "Selector", "Names"])
        .describe("All: every namespace. Selector: namespaces that selector matches. Names: the namespaces in names."),
      selector: z
        .object({
          matchLabels: textMap(20, 63, 317).optional().describe("Labels that the namespace must have."),
          matchExpressions: atomicList(labelExpression(), 20)
            .optional()
            .describe("Further conditions on the labels of the namespace."),
        })
        .optional()
        .describe("Label selector for namespaces. Only with from: Selector."),
      names: textSet(namespaceName(), 100).optional().describe("Names of namespaces. Only with from: Names."),
    }),
    [
      {
        rule: "(self.from == 'Selector') == has(self.selector)",
        message: "from: Selector needs selector, and only it may have one",
        holds: (rule) => (rule.from === "Selector") === (rule.selector !== undefined),
      },
      {
        rule: "(self.from == 'Names') == has(self.names)",
        message: "from: Names needs names, and only it may have them",
        holds: (rule) => (rule.from === "Names") === (rule.names !== undefined),
      },
    ],
  );

const RESERVED = ["app.kubernetes.io/instance", "app.kubernetes.io/managed-by"];

const isReserved = (key: string): boolean => {
  const prefix = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const isOwned = (domain: string) => prefix === domain || prefix.endsWith(`.${domain}`);
  if (prefix === "app.kubernetes.io") return RESERVED.includes(key);
  return isOwned("kubernetes.io") || isOwned("k8s.io") || isOwned("m2m-operator.io");
};

/** `NAME` or `PREFIX/NAME`, as Kubernetes demands of keys of labels and annotations ("qualified name"). */
const QUALIFIED_NAME = `^(${SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`;
const LABEL_VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
/** Kubernetes takes 262144 bytes of annotations; a character has at most four. */
const MAX_ANNOTATIONS_LENGTH = 61_440;

const isQualifiedName = (key: string): boolean =>
  new RegExp(QUALIFIED_NAME).test(key) && (!key.includes("/") || key.indexOf("/") <= 253);

/** Literal labels of something published. */
export const literalLabels = () =>
  withRules(literalMetadata(63), [
    {
      rule: `self.all(key, self[key].matches(${celPattern(LABEL_VALUE)}))`,
      message: "values of labels are letters, digits, '-', '_' and '.', and begin and end with a letter or digit",
      holds: (entries) => Object.values(entries).every((value) => new RegExp(LABEL_VALUE).test(value)),
    },
  ]);

/** Literal annotations of something published. */
export const literalAnnotations = () =>
  withRules(literalMetadata(4096), [
    {
      rule: `self.map(key, size(self[key])).sum() <= ${String(MAX_ANNOTATIONS_LENGTH)}`,
      message: `all values together may have at most ${String(MAX_ANNOTATIONS_LENGTH)} characters`,
      holds: (entries) => Object.values(entries).join("").length <= MAX_ANNOTATIONS_LENGTH,
    },
  ]);

const literalMetadata = (maxLength: number) =>
  withRules(textMap(20, maxLength, 317), [
    {
      rule: `self.all(key, key.matches(${celPattern(QUALIFIED_NAME)}) && key.indexOf('/') <= 253)`,
      message:
        "keys are NAME or PREFIX/NAME: a name of at most 63 letters, digits, '-', '_' and '.', and a DNS name before it",
      holds: (entries) => Object.keys(entries).every(isQualifiedName),
    },
    {
      rule: "self.all(key, !key.matches('^([^/]*\\\\.)?(kubernetes\\\\.io|k8s\\\\.io|m2m-operator\\\\.io)/') || (key.startsWith('app.kubernetes.io/') && !(key in ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by'])))",
      message:
        "keys of kubernetes.io, k8s.io and m2m-operator.io are reserved (of app.kubernetes.io: instance and managed-by). Remove them",
      holds: (entries) => !Object.keys(entries).some(isReserved),
    },
  ]);
