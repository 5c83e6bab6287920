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
    labels: literalLabels().optional().describe("Labels of the Secret, as written."),
    annotations: literalAnnotations().optional().describe("Annotations of the Secret, as written."),
    apiRefs: mapList(apiRef(), "as", 20)
      .optional()
      .describe("APIs whose public values the template needs without their being granted."),
    data: templateData()
      .optional()
      .describe(
        "More keys, each a Liquid template over the same names: {{ client_id }}, {{ grants.NAME.audience }}, {{ apis.AS.issuer }}.",
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
        .describe("Type of the Secret. Default: Opaque. Changes only together with the name."),
      keyStyle: z
        .enum(["Snake", "Env", "Kebab", "None"])
        .optional()
        .describe("client_id, CLIENT_ID, client-id, or only what the template says. Default: Snake."),
      keyPrefix: keyPrefix().optional().describe("Put before every key that the template does not name."),
      primaryApi: primaryApi()
        .optional()
        .describe(
          "The OAuthApi that fills the keys audience, scopes and the URLs. Needed where the client has grants for several APIs. Default: the only API with a grant.",
        ),
      primaryGrant: objectName()
        .optional()
        .describe("In place of primaryApi: a ScopeGrant for that API, such as one with externalAudience."),
      template: template().optional().describe("Labels, annotations and further keys."),
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
        message: "must be a public key in PEM (-----BEGIN PUBLIC KEY-----); never put a private key here",
        holds: (pem) => pem.startsWith("-----BEGIN PUBLIC KEY-----") && !pem.includes("PRIVATE"),
      },
    ]).describe("RSA public key of at least 2048 bits, PEM (SubjectPublicKeyInfo)."),
  });

const privateKeyJwt = () =>
  z.object({
    algorithm: z
      .enum(["RS256", "RS384", "PS256"])
      .optional()
      .describe("JWS algorithm of the client assertions (RFC 7523). Default: the provider's own (RS256)."),
    publicKeys: atomicList(publicKey(), 50)
      .optional()
      .describe(
        "Keys whose private halves only you have: they are registered and no private key is made or published. Absent: the operator makes a key pair and publishes the private key.",
      ),
  });

const authentication = () =>
  withRules(
    z.object({
      method: z
        .enum(["client_secret_basic", "client_secret_post", "private_key_jwt"])
        .optional()
        .describe(
          "How the client authenticates at the token endpoint (RFC 7591 section 2). Default: the provider's own.",
        ),
      privateKeyJwt: privateKeyJwt().optional().describe("With method private_key_jwt."),
    }),
    [
      {
        rule: "!has(self.privateKeyJwt) || (has(self.method) && self.method == 'private_key_jwt')",
        message: "privateKeyJwt needs method: private_key_jwt",
        holds: (value) => value.privateKeyJwt === undefined || value.method === "private_key_jwt",
      },
      {
        rule: "!has(self.privateKeyJwt) || !has(self.privateKeyJwt.publicKeys) || size(self.privateKeyJwt.publicKeys) > 0",
        message: "publicKeys must hold at least one key; leave it out to have a key pair made",
        holds: (value) => value.privateKeyJwt?.publicKeys?.length !== 0,
      },
    ],
  );

const perWindow = () => z.int().min(1).max(2_147_483_647).optional();

const tokenQuota = () =>
  withRules(
    z.object({
      perHour: perWindow().describe("Tokens per hour."),
      perDay: perWindow().describe("Tokens per day."),
      enforce: z.boolean().optional().describe("false: exceeding is only logged at the provider. Default: true."),
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
          "Greatest age of a credential; it is replaced within the last tenth of that. Absent: only when annotated with m2m-operator.io/rotate-requested-at.",
        ),
      announce: duration("0s", "168h")
        .optional()
        .describe(
          "Where no two credentials work at a time: how long the next one is published as next_... before it is put in force. Default: 5m, at most half of every.",
        ),
      overlap: duration("0s", "8760h")
        .optional()
        .describe(
          "Where two credentials work at a time: how long the old one works after the new one was published. Default: 24h, at most half of every.",
        ),
      waitForPods: z
        .enum(["None", "EnvAndSubPath", "All"])
        .optional()
        .describe(
          "Which running Pods keep the old credential alive until they restart: those that got the Secret by environment variables or subPath, or all that use it. Default: EnvAndSubPath; None where the operator runs without --pod-awareness.",
        ),
      maxWait: duration("0s", "8760h")
        .optional()
        .describe("How much longer than announce or overlap Pods are waited for. Default: 168h."),
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
        .describe("Report lists them in status; Prune also removes what was listed for so long. Default: Report."),
      after: duration("1m", "8760h")
        .optional()
        .describe("How long they are listed before Prune removes them. Default: 1h."),
    }),
    [
      {
        rule: "!has(self.after) || (has(self.policy) && self.policy == 'Prune')",
        message: "after needs policy: Prune; Report removes nothing",
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
          "With adopt: id of the client to take over. Else the id to create with, where the provider lets it be chosen. Immutable.",
        ),
      displayName: displayName().optional(),
      description: z.string().max(140).optional().describe("Shown to people at the provider. At most 140 characters."),
      authentication: authentication().optional().describe("The client's authentication."),
      metadata: metadata()
        .optional()
        .describe(
          "Kept with the client at the provider. When set, it holds exactly these keys, of an adopted client also those that it had; when not set, nobody touches them.",
        ),
      tokenQuota: tokenQuota().optional().describe("Most tokens the client may get (Auth0)."),
      defaultOrganization: remoteId()
        .optional()
        .describe("Organization, by id or name, that tokens are bound to when the client asks for none (Auth0)."),
      secret: secret().optional().describe("The Secret for workloads."),
      rotation: rotation().optional().describe("How and when the client's credential is replaced."),
      unmanagedGrants: unmanagedGrants()
        .optional()
        .describe("What to do about grants of this client at the provider that no ScopeGrant asks for."),
      enabled: z
        .boolean()
        .optional()
        .describe("false: the client gets no tokens; its id, credentials and grants stay. Default: true."),
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
        message: "rotation is of credentials that the operator makes: replace publicKeys yourself, or leave them out",
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
    externalId: statusText(1024),
    audience: statusText(600),
    scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
    since: statusTime(),
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
    clientId: statusText(255).optional().describe("OAuth client id."),
    authenticationMethod: statusText(64).optional().describe("token_endpoint_auth_method in force."),
    binding: z
      .object({ name: statusText(253) })
      .optional()
      .describe("Service Binding: the Secret to mount."),
    stateSecret: recordedState(),
    credentials: atomicList(credential(), 60).optional().describe("What the provider holds; never a value."),
    unmanagedCredentials: atomicList(z.object({ id: statusText(128) }), 60)
      .optional()
      .describe("Credentials of the client at the provider that this resource did not make; they are left alone."),
    rotation: z
      .enum(["Idle", "Preparing", "Announced", "Retiring"])
      .optional()
      .describe(
        "Idle: one credential is in force. Preparing: the next one is being registered. Announced: the Secret shows it. Retiring: the previous one still works.",
      ),
    lastRotationAt: statusTime().optional().describe("When the credential in force replaced another."),
    nextRotationAt: statusTime().optional().describe("When the next one is due."),
    lastHandledRotateAt: statusText(MAX_REQUEST_LENGTH)
      .optional()
      .describe("Value of the annotation m2m-operator.io/rotate-requested-at that was acted on last."),
    requestedRotationAt: statusTime()
      .optional()
      .describe(
        "When a rotation that was requested and has to wait starts. The condition RotationPending says what it waits for.",
      ),
    waitingForPods: atomicList(statusText(253), 20)
      .optional()
      .describe("Pods that still use the old credential, or a Secret of an earlier name: it stays until they restart."),
    primaryApi: statusText(600)
      .optional()
      .describe(
        "The API in the keys audience, scopes and the URLs of the Secret: namespace/name of the OAuthApi, or the external audience.",
      ),
    grantCount: z.int().min(0).optional().describe("Number of ScopeGrants that the Secret carries."),
    grants: atomicList(
      z.object({
        name: statusText(253).describe("Name of the ScopeGrant."),
        uid: statusText(64),
        api: statusText(600).optional().describe("namespace/name of the OAuthApi, or the external audience."),
        externalId: statusText(1024)
          .optional()
          .describe("The provider's ID of the grant. Absent where the grant existed before the ScopeGrant."),
        scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
        organizations: z.array(statusText(255)).max(100).meta({ "x-kubernetes-list-type": "atomic" }).optional(),
      }),
      200,
    )
      .optional()
      .describe("ScopeGrants that the Secret carries."),
    unmanagedGrants: atomicList(unmanagedGrant(), 100)
      .optional()
      .describe("Grants at the provider that no ScopeGrant asks for."),
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

const secretOf = (object: string, field: string, fallback: string): string =>
  `(has(${object}.spec.secret) && has(${object}.spec.secret.${field}) ? ${object}.spec.secret.${field} : ${fallback})`;
const isSame = (field: string, fallback: (object: string) => string): string =>
  `${secretOf("self", field, fallback("self"))} == ${secretOf("oldSelf", field, fallback("oldSelf"))}`;

/** Of the whole resource, since a default is its name, and what is optional comes and goes. */
export const m2mClientRules: readonly Rule<never>[] = [
  {
    rule: `${isSame("type", () => "'Opaque'")} || !(${isSame("name", (object) => `${object}.metadata.name`)})`,
    message: "the type of a Secret cannot change: set another secret.name together with it",
  },
];

export const m2mClientSchema = z.object({ spec: spec(), status: status().optional() });

export type M2MClientSpec = z.infer<ReturnType<typeof spec>>;
export type M2MClientStatus = z.infer<ReturnType<typeof status>>;
export type M2MClient = Resource<M2MClientSpec, M2MClientStatus>;
