import { z } from "zod";
import { MAX_TOTAL_LENGTH } from "../../../publication/template-length.ts";
import { literalAnnotations, literalLabels, namespaceName, objectName, publishedName } from "../../schema/fields.ts";
import { mapList, matching, textMap, withRules } from "../../schema/rules.ts";

const apiRef = () =>
  z.object({
    as: matching(
      z.string().min(1).max(63),
      "^[a-zA-Z_][a-zA-Z0-9_]*$",
      "as must be a name of letters, digits and '_', which does not begin with a digit",
    ).describe("Name of this API in templates, for example apis.AS.audience."),
    name: objectName().describe("Name of the OAuthApi."),
    namespace: namespaceName()
      .optional()
      .describe(
        "Namespace of the OAuthApi. Another namespace needs consent in the allowedGrants of that OAuthApi. Default: the namespace of this resource.",
      ),
  });

const templateData = () =>
  withRules(textMap(50, 8192, 253), [
    {
      rule: "self.all(key, key.matches('^[-._a-zA-Z0-9]+$') && key != '.' && !key.startsWith('..'))",
      message: "keys of a Secret are letters, digits, '-', '_' and '.', and do not begin with '..'",
      holds: (entries) =>
        Object.keys(entries).every((key) => /^[-._a-zA-Z0-9]+$/.test(key) && key !== "." && !key.startsWith("..")),
    },
    {
      rule: `self.map(key, size(self[key])).sum() <= ${String(MAX_TOTAL_LENGTH)}`,
      message: `all templates together may have at most ${String(MAX_TOTAL_LENGTH)} characters`,
      holds: (entries) => Object.values(entries).join("").length <= MAX_TOTAL_LENGTH,
    },
  ]);

const template = () =>
  z.object({
    labels: literalLabels().optional().describe("Labels of the Secret. Not templates."),
    annotations: literalAnnotations().optional().describe("Annotations of the Secret. Not templates."),
    apiRefs: mapList(apiRef(), "as", 20)
      .optional()
      .describe("APIs whose public values the templates use without a ScopeGrant for them."),
    data: templateData()
      .optional()
      .describe(
        "Further keys of the Secret. Each value is a Liquid template, for example {{ client_id }}, {{ grants.NAME.audience }} or {{ apis.AS.issuer }}.",
      ),
  });

const keyPrefix = () =>
  withRules(
    matching(
      z.string().max(100),
      "^[-._a-zA-Z0-9]*$",
      "keyPrefix may have letters, digits, '-', '_' and '.', since it begins keys of a Secret",
    ),
    [
      {
        rule: "!self.startsWith('..')",
        message: "keyPrefix must not begin with '..'",
        holds: (prefix) => !prefix.startsWith(".."),
      },
    ],
  );

const primaryApi = () =>
  z.object({
    name: objectName().describe("Name of the OAuthApi."),
    namespace: namespaceName()
      .optional()
      .describe("Namespace of the OAuthApi. Default: the namespace of this resource."),
  });

/** `spec.secret`: what the published Secret is called and holds. */
export const secret = () =>
  withRules(
    z.object({
      name: publishedName().optional().describe("Name of the Secret. Default: metadata.name."),
      type: z
        .enum(["Opaque", "servicebinding.io/oauth2"])
        .optional()
        .describe("Type of the Secret. A change needs a new name too. Default: Opaque."),
      keyStyle: z
        .enum(["Snake", "Env", "Kebab", "None"])
        .optional()
        .describe(
          "Style of the key names. Snake: client_id. Env: CLIENT_ID. Kebab: client-id. None: only the keys in template.data. Default: Snake.",
        ),
      keyPrefix: keyPrefix()
        .optional()
        .describe("Prefix of every key that is not in template.data. Default: no prefix."),
      primaryApi: primaryApi()
        .optional()
        .describe(
          "OAuthApi that fills the keys audience, scopes and the URLs. Required when the client has grants for several APIs. Default: the only API with a grant.",
        ),
      primaryGrant: objectName()
        .optional()
        .describe("ScopeGrant for that API, instead of primaryApi. Use it for a grant with externalAudience."),
      template: template().optional().describe("Labels, annotations and further keys of the Secret."),
    }),
    [
      {
        rule: "!has(self.keyStyle) || self.keyStyle != 'None' || (has(self.template) && has(self.template.data) && size(self.template.data) > 0)",
        message: "keyStyle None needs template.data: otherwise the Secret would be empty",
        holds: (value) => value.keyStyle !== "None" || Object.keys(value.template?.data ?? {}).length > 0,
      },
      {
        rule: "!has(self.primaryGrant) || !has(self.primaryApi)",
        message: "set either primaryApi or primaryGrant",
        holds: (value) => value.primaryGrant === undefined || value.primaryApi === undefined,
      },
    ],
  );
