import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { adopt, deletionPolicy, displayName, providerRef, remoteId } from "../schema/fields.ts";
import { type Rule, textMap, withRules } from "../schema/rules.ts";
import { authentication } from "./credential/schema.ts";
import { secret } from "./publication/schema.ts";
import { rotation } from "./rotation/schema.ts";
import { status } from "./status-schema.ts";

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
      clientId: remoteId("^[!-~]+$", "clientId must consist of printable ASCII characters without spaces")
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
      adopt: adopt("a client").optional(),
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
        rule: "!has(self.rotation) || !has(self.authentication) || !has(self.authentication.serviceAccount) || (!has(self.rotation.every) && !has(self.rotation.overlap))",
        message: "a service account has no credential to rotate: remove rotation.every and rotation.overlap",
        holds: ({ authentication: asked, rotation: wanted }) =>
          asked?.serviceAccount === undefined || (wanted?.every === undefined && wanted?.overlap === undefined),
      },
      {
        rule: "has(self.clientId) == has(oldSelf.clientId) && (!has(self.clientId) || self.clientId == oldSelf.clientId)",
        message:
          "clientId is immutable: delete this resource and create it again (deletionPolicy: Retain keeps the object at the tenant)",
      },
    ],
  );

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
