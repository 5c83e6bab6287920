import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import {
  deletionPolicy,
  displayName,
  literalMetadata,
  namespaceName,
  objectName,
  providerRef,
  publishedName,
} from "../schema/fields.ts";
import { atomicList, mapList, textMap, withRules } from "../schema/rules.ts";
import { outputs, pendingCreate, statusBase, statusText, statusTime } from "../schema/status.ts";

const metadata = () =>
  withRules(textMap(8, 255, 255), [
    {
      rule: "self.all(key, !key.startsWith('m2m_operator') && !key.startsWith('m2m-operator') && size(key) <= 255)",
      message: "keys starting with m2m_operator or m2m-operator are the operator's own; choose another",
      holds: (entries) => Object.keys(entries).every((key) => !/^m2m[_-]operator/.test(key)),
    },
    {
      rule: "self.all(key, !self[key].startsWith('m2m1.'))",
      message: "values starting with m2m1. are ownership marks; choose another",
      holds: (entries) => Object.values(entries).every((value) => !value.startsWith("m2m1.")),
    },
  ]);

const apiRef = () =>
  z.object({
    as: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
      .describe("Name in the template: apis.AS.audience."),
    name: objectName().describe("The OAuthApi."),
    namespace: namespaceName()
      .optional()
      .describe("Default: this namespace. Another one only if that OAuthApi allows it."),
  });

const templateData = () =>
  withRules(textMap(50, 8192, 253), [
    {
      rule: "self.all(key, key.matches('^[-._a-zA-Z0-9]+$') && size(key) <= 253)",
      message: "keys of a Secret are letters, digits, '-', '_' and '.'",
      holds: (entries) => Object.keys(entries).every((key) => /^[-._a-zA-Z0-9]+$/.test(key)),
    },
  ]);

const template = () =>
  z.object({
    labels: literalMetadata(63).optional().describe("Labels of the Secret, as written."),
    annotations: literalMetadata(4096).optional().describe("Annotations of the Secret, as written."),
    apiRefs: mapList(apiRef(), "as", 20)
      .optional()
      .describe("APIs whose public values the template needs without their being granted."),
    data: templateData()
      .optional()
      .describe(
        "More keys, each a Liquid template over the same names: {{ client_id }}, {{ grants.NAME.audience }}, {{ apis.AS.issuer }}.",
      ),
  });

const secret = () =>
  withRules(
    z.object({
      name: publishedName().optional().describe("Name of the Secret. Default: metadata.name."),
      type: z
        .enum(["Opaque", "servicebinding.io/oauth2"])
        .optional()
        .describe("Type of the Secret. Default: Opaque. Changes only together with the name."),
      keyStyle: z
        .enum(["Snake", "Env", "Kebab", "None"])
        .optional()
        .describe("client_id, CLIENT_ID, client-id, or only what the template says. Default: Snake."),
      keyPrefix: z
        .string()
        .max(100)
        .regex(/^[-._a-zA-Z0-9]*$/)
        .optional()
        .describe("Put before every key that the template does not name."),
      primaryGrant: objectName().optional().describe("The ScopeGrant that fills audience, scopes and the URLs."),
      template: template().optional().describe("Labels, annotations and further keys."),
    }),
    [
      {
        rule: "!has(self.keyStyle) || self.keyStyle != 'None' || (has(self.template) && has(self.template.data) && size(self.template.data) > 0)",
        message: "keyStyle None needs template.data: otherwise the Secret would be empty",
        holds: (value) => value.keyStyle !== "None" || Object.keys(value.template?.data ?? {}).length > 0,
      },
      {
        rule: "(has(self.type) ? self.type : 'Opaque') == (has(oldSelf.type) ? oldSelf.type : 'Opaque') || (has(self.name) ? self.name : '') != (has(oldSelf.name) ? oldSelf.name : '')",
        message: "the type of a Secret cannot change: set another secret.name together with it",
      },
    ],
  );

const spec = () =>
  withRules(
    z.object({
      providerRef: providerRef(),
      displayName: displayName().optional(),
      description: z.string().max(140).optional().describe("Shown to people at the provider. At most 140 characters."),
      authentication: z
        .object({
          method: z
            .enum(["client_secret_basic", "client_secret_post"])
            .optional()
            .describe(
              "How the client authenticates at the token endpoint (RFC 7591 section 2). Default: the provider's own.",
            ),
        })
        .optional()
        .describe("The client's authentication."),
      metadata: metadata()
        .optional()
        .describe(
          "Kept with the client at the provider. When set, it holds exactly these keys; when not set, nobody touches them.",
        ),
      secret: secret().optional().describe("The Secret for workloads."),
      deletionPolicy: deletionPolicy("the client").optional(),
    }),
    [
      {
        rule: "!has(self.secret) || !has(self.secret.type) || self.secret.type == 'Opaque' || has(oldSelf.secret)",
        message: "the type of a Secret cannot change: set secret.name together with it",
      },
    ],
  );

const credential = () =>
  z.object({
    id: statusText(128),
    state: z.enum(["Next", "Current", "Retiring"]),
    createdAt: statusTime(),
    retireAt: statusTime().optional(),
  });

const status = () =>
  z.object({
    ...statusBase(),
    pendingCreate: pendingCreate(),
    outputs: outputs(),
    clientId: statusText(255).optional().describe("OAuth client id."),
    authenticationMethod: statusText(64).optional().describe("token_endpoint_auth_method in force."),
    binding: z
      .object({ name: statusText(253) })
      .optional()
      .describe("Service Binding: the Secret to mount."),
    credentials: atomicList(credential(), 8).optional().describe("What the provider holds; never a value."),
    primaryGrant: statusText(253).optional().describe("The ScopeGrant in the flat keys; it stays that one."),
    publishedGrants: atomicList(
      z.object({
        name: statusText(253),
        uid: statusText(64),
        scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
      }),
      200,
    )
      .optional()
      .describe("ScopeGrants that the Secret carries."),
    verification: z
      .object({
        credentialId: statusText(128),
        audience: statusText(600),
        result: z.enum(["Verified", "Refused", "CannotVerify"]),
        message: statusText(1024),
        tries: z.int().min(0).max(100),
        at: statusTime(),
      })
      .optional()
      .describe("The last token that was asked for with the published credential."),
  });

export const m2mClientSchema = z.object({ spec: spec(), status: status().optional() });

export type M2MClientSpec = z.infer<ReturnType<typeof spec>>;
export type M2MClientStatus = z.infer<ReturnType<typeof status>>;
export type M2MClient = Resource<M2MClientSpec, M2MClientStatus>;
