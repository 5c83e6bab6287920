import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { MAX_REQUEST_LENGTH } from "../schema/annotations.ts";
import { duration, durationMs } from "../schema/duration.ts";
import {
  adopt,
  deletionPolicy,
  displayName,
  literalAnnotations,
  literalLabels,
  namespaceName,
  objectName,
  providerRef,
  publishedName,
  remoteId,
} from "../schema/fields.ts";
import { MAX_TOTAL_LENGTH } from "../../publication/template-length.ts";
import { atomicList, mapList, type Rule, textMap, withRules } from "../schema/rules.ts";
import { recordedState } from "../state-secret/recorded.ts";
import {
  origin,
  outputs,
  pendingCreate,
  proof,
  statusBase,
  statusText,
  statusTime,
  usedProvider,
} from "../schema/status.ts";

const metadata = () =>
  withRules(textMap(8, 255, 255), [
    {
      rule: "self.all(key, !key.startsWith('m2m_operator') && !key.startsWith('m2m-operator'))",
      message: "the operator reserves keys that start with m2m_operator or m2m-operator: choose another",
      holds: (entries) => Object.keys(entries).every((key) => !/^m2m[_-]operator/.test(key)),
    },
    {
      rule: "self.all(key, !self[key].startsWith('m2m1.'))",
      message: "the operator reserves values that start with m2m1. as ownership marks: choose another",
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
      .describe("Name of this API in templates, for example apis.AS.audience."),
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
    z
      .string()
      .max(100)
      .regex(/^[-._a-zA-Z0-9]*$/),
    [
      {
        rule: "!self.startsWith('..')",
        message: "keys of a Secret do not begin with '..'",
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

const secret = () =>
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

const publicKey = () =>
  z.object({
    pem: withRules(z.string().min(100).max(10_000), [
      {
        rule: "self.startsWith('-----BEGIN PUBLIC KEY-----') && !self.contains('PRIVATE')",
        message: "must be a public key in PEM (-----BEGIN PUBLIC KEY-----). Never put a private key here",
        holds: (pem) => pem.startsWith("-----BEGIN PUBLIC KEY-----") && !pem.includes("PRIVATE"),
      },
    ]).describe("RSA public key in PEM (SubjectPublicKeyInfo). At least 2048 bits."),
  });

const privateKeyJwt = () =>
  z.object({
    algorithm: z
      .enum(["RS256", "RS384", "PS256"])
      .optional()
      .describe("JWS algorithm of client assertions (RFC 7523). Default: RS256."),
    publicKeys: atomicList(publicKey(), 50)
      .optional()
      .describe(
        "Public keys of your own key pairs. The operator registers them, and publishes no private key. You replace them yourself. If unset, the operator creates a key pair and publishes the private key.",
      ),
  });

const authentication = () =>
  withRules(
    z.object({
      method: z
        .enum(["client_secret_basic", "client_secret_post", "private_key_jwt"])
        .optional()
        .describe(
          "Authentication method at the token endpoint (RFC 7591 section 2). Default: the provider's default. An adopted client keeps its method if this is unset.",
        ),
      privateKeyJwt: privateKeyJwt().optional().describe("Keys of the client. Only with method private_key_jwt."),
    }),
    [
      {
        rule: "!has(self.privateKeyJwt) || (has(self.method) && self.method == 'private_key_jwt')",
        message: "privateKeyJwt needs method: private_key_jwt",
        holds: (value) => value.privateKeyJwt === undefined || value.method === "private_key_jwt",
      },
      {
        rule: "!has(self.privateKeyJwt) || !has(self.privateKeyJwt.publicKeys) || size(self.privateKeyJwt.publicKeys) > 0",
        message:
          "publicKeys needs at least one key: add one, or remove publicKeys to let the operator create a key pair",
        holds: (value) => value.privateKeyJwt?.publicKeys?.length !== 0,
      },
    ],
  );

const perWindow = () => z.int().min(1).max(2_147_483_647).optional();

const tokenQuota = () =>
  withRules(
    z.object({
      perHour: perWindow().describe("Maximum number of tokens per hour."),
      perDay: perWindow().describe("Maximum number of tokens per day."),
      enforce: z
        .boolean()
        .optional()
        .describe(
          "Whether the provider refuses further tokens. If false, it only logs that the quota was exceeded. Default: true.",
        ),
    }),
    [
      {
        rule: "has(self.perHour) || has(self.perDay)",
        message: "set perHour or perDay, or both",
        holds: (value) => value.perHour !== undefined || value.perDay !== undefined,
      },
    ],
  );

const rotation = () =>
  withRules(
    z.object({
      every: duration("1m", "87600h")
        .optional()
        .describe(
          "Maximum age of a credential. The operator rotates it at a random point in the last tenth of this time. If unset, it rotates only on request, by the annotation m2m-operator.io/rotate-requested-at.",
        ),
      announce: duration("0s", "168h")
        .optional()
        .describe(
          "Time that the next credential is published under next_… before it comes into force. Only where the provider accepts one credential at a time. Default: 5m, or half of every if that is shorter.",
        ),
      overlap: duration("0s", "8760h")
        .optional()
        .describe(
          "Time that the old credential stays valid after the new one is published. Only where the provider accepts two credentials. Default: 24h, or half of every if that is shorter.",
        ),
      waitForPods: z
        .enum(["None", "EnvAndSubPath", "All"])
        .optional()
        .describe(
          "Running Pods that keep the old credential valid until they restart. EnvAndSubPath: Pods that read the Secret through environment variables or a subPath mount. All: every Pod that uses the Secret. Default: EnvAndSubPath, or None if the operator runs without --pod-awareness.",
        ),
      maxWait: duration("0s", "8760h")
        .optional()
        .describe("Maximum time that a rotation waits for Pods, after announce or overlap. Default: 168h."),
    }),
    [
      {
        rule: "!has(self.every) || !has(self.overlap) || duration(self.overlap) < duration(self.every)",
        message: "overlap must be shorter than every",
        holds: ({ every, overlap }) =>
          every === undefined || overlap === undefined || durationMs(overlap) < durationMs(every),
      },
      {
        rule: "!has(self.every) || !has(self.announce) || duration(self.announce) < duration(self.every)",
        message: "announce must be shorter than every",
        holds: ({ every, announce }) =>
          every === undefined || announce === undefined || durationMs(announce) < durationMs(every),
      },
    ],
  );

const unmanagedGrants = () =>
  withRules(
    z.object({
      policy: z
        .enum(["Report", "Prune"])
        .optional()
        .describe(
          "Report lists the grants in status. Prune also deletes them once they have been listed for the time in after. Default: Report.",
        ),
      after: duration("1m", "8760h")
        .optional()
        .describe("Time that a grant is listed before Prune deletes it. Only with policy Prune. Default: 1h."),
    }),
    [
      {
        rule: "!has(self.after) || (has(self.policy) && self.policy == 'Prune')",
        message: "after needs policy: Prune (Report deletes nothing)",
        holds: ({ after, policy }) => after === undefined || policy === "Prune",
      },
    ],
  );

const spec = () =>
  withRules(
    z.object({
      providerRef: providerRef(),
      clientId: remoteId(/^[!-~]+$/)
        .optional()
        .describe(
          "Client ID. With adopt: true, the client to adopt. Otherwise the ID of the new client, where the provider supports that. Immutable.",
        ),
      displayName: displayName().optional(),
      description: z
        .string()
        .max(140)
        .optional()
        .describe(
          "Description of the client at the provider. At most 140 characters. If unset, the operator does not manage this field.",
        ),
      authentication: authentication().optional().describe("Authentication of the client at the token endpoint."),
      metadata: metadata()
        .optional()
        .describe(
          "Metadata of the client at the provider. If set, the operator removes other keys, but never those of an adopted client. If unset, the operator does not manage this field.",
        ),
      tokenQuota: tokenQuota()
        .optional()
        .describe(
          "Maximum number of tokens issued to this client. Auth0 only. If unset, the operator does not manage this field.",
        ),
      defaultOrganization: remoteId()
        .optional()
        .describe(
          "ID or name of the organization that tokens are bound to when the client requests none. Auth0 only. If unset, the operator does not manage this field.",
        ),
      secret: secret().optional().describe("Secret that the operator publishes for workloads."),
      rotation: rotation().optional().describe("Rotation of the client's credential."),
      unmanagedGrants: unmanagedGrants()
        .optional()
        .describe("Handling of grants that this client has at the provider and that no ScopeGrant requests."),
      enabled: z
        .boolean()
        .optional()
        .describe(
          "Whether the client can get tokens. If false, its ID, credentials and grants stay. Default: true. An adopted client keeps its own setting if this is unset.",
        ),
      adopt: adopt("client").optional(),
      deletionPolicy: deletionPolicy("the client").optional(),
    }),
    [
      {
        rule: "!has(self.adopt) || !self.adopt || has(self.clientId)",
        message: "adopt needs clientId: names of clients are not unique",
        holds: (value) => value.adopt !== true || value.clientId !== undefined,
      },
      {
        rule: "!has(self.rotation) || !has(self.authentication) || !has(self.authentication.privateKeyJwt) || !has(self.authentication.privateKeyJwt.publicKeys)",
        message:
          "the operator does not rotate publicKeys: remove rotation and replace the keys yourself, or remove publicKeys",
        holds: ({ authentication: asked, rotation: wanted }) =>
          wanted === undefined || asked?.privateKeyJwt?.publicKeys === undefined,
      },
      {
        rule: "has(self.clientId) == has(oldSelf.clientId) && (!has(self.clientId) || self.clientId == oldSelf.clientId)",
        message: "clientId is immutable: delete this resource and create it anew",
      },
    ],
  );

const unmanagedGrant = () =>
  z.object({
    externalId: statusText(1024).describe("The provider's ID of the grant."),
    audience: statusText(600).describe("Audience of the API."),
    scopes: z
      .array(statusText(280))
      .max(1000)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .describe("Scopes of the grant."),
    since: statusTime().describe("When the operator first saw the grant."),
  });

const credential = () =>
  z.object({
    id: statusText(128),
    keyId: statusText(128).optional(),
    algorithm: statusText(16).optional(),
    state: z.enum(["Next", "Current", "Retiring"]),
    createdAt: statusTime(),
    retireAt: statusTime().optional(),
  });

const status = () =>
  z.object({
    ...statusBase(),
    proof: proof(),
    provider: usedProvider(),
    pendingCreate: pendingCreate(),
    outputs: outputs(),
    origin: origin(),
    clientId: statusText(255).optional().describe("OAuth client ID."),
    authenticationMethod: statusText(64)
      .optional()
      .describe("Authentication method in force (token_endpoint_auth_method)."),
    binding: z
      .object({ name: statusText(253) })
      .optional()
      .describe("Secret to mount, for the Service Binding specification."),
    stateSecret: recordedState(),
    credentials: atomicList(credential(), 60)
      .optional()
      .describe("Credentials that the provider holds, without their values."),
    unmanagedCredentials: atomicList(z.object({ id: statusText(128) }), 60)
      .optional()
      .describe(
        "Credentials of the client at the provider that this resource did not create. The operator does not touch them.",
      ),
    rotation: z
      .enum(["Idle", "Preparing", "Announced", "Retiring"])
      .optional()
      .describe(
        "State of the rotation. Idle: one credential is in force. Preparing: the operator registers the next one. Announced: the Secret shows the next one. Retiring: the previous one is still valid.",
      ),
    lastRotationAt: statusTime().optional().describe("When the credential in force replaced the previous one."),
    nextRotationAt: statusTime().optional().describe("When the next rotation is due."),
    lastHandledRotateAt: statusText(MAX_REQUEST_LENGTH)
      .optional()
      .describe("Last value of the annotation m2m-operator.io/rotate-requested-at that the operator acted on."),
    requestedRotationAt: statusTime()
      .optional()
      .describe(
        "When a requested rotation that has to wait will start. The condition RotationPending says what it waits for.",
      ),
    waitingForPods: atomicList(statusText(253), 20)
      .optional()
      .describe(
        "Pods that still use the old credential, or the Secret under its former name. Either stays until they restart, at most for spec.rotation.maxWait.",
      ),
    primaryApi: statusText(600)
      .optional()
      .describe(
        "API in the keys audience, scopes and the URLs of the Secret: namespace/name of the OAuthApi, or the external audience.",
      ),
    grantCount: z.int().min(0).optional().describe("Number of ScopeGrants in the Secret."),
    grants: atomicList(
      z.object({
        name: statusText(253).describe("Name of the ScopeGrant."),
        uid: statusText(64),
        api: statusText(600)
          .optional()
          .describe("API of the grant: namespace/name of the OAuthApi, or the external audience."),
        externalId: statusText(1024)
          .optional()
          .describe("The provider's ID of the grant. Unset if the grant existed before the ScopeGrant."),
        scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
        organizations: z.array(statusText(255)).max(100).meta({ "x-kubernetes-list-type": "atomic" }).optional(),
      }),
      200,
    )
      .optional()
      .describe("ScopeGrants in the Secret."),
    unmanagedGrants: atomicList(unmanagedGrant(), 100)
      .optional()
      .describe("Grants at the provider that no ScopeGrant requests."),
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
      .describe("Result of the last token request with the published credential."),
  });

const secretOf = (object: string, field: string, fallback: string): string =>
  `(has(${object}.spec.secret) && has(${object}.spec.secret.${field}) ? ${object}.spec.secret.${field} : ${fallback})`;
const isSame = (field: string, fallback: (object: string) => string): string =>
  `${secretOf("self", field, fallback("self"))} == ${secretOf("oldSelf", field, fallback("oldSelf"))}`;

/** Of the whole resource, since a default is its name, and what is optional comes and goes. */
export const m2mClientRules: readonly Rule<never>[] = [
  {
    rule: `${isSame("type", () => "'Opaque'")} || !(${isSame("name", (object) => `${object}.metadata.name`)})`,
    message: "the type of an existing Secret cannot change: change secret.name too",
  },
];

export const m2mClientSchema = z.object({ spec: spec(), status: status().optional() });

export type M2MClientSpec = z.infer<ReturnType<typeof spec>>;
export type M2MClientStatus = z.infer<ReturnType<typeof status>>;
export type M2MClient = Resource<M2MClientSpec, M2MClientStatus>;
