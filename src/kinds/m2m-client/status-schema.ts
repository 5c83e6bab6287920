import { z } from "zod";
import { MAX_REQUEST_LENGTH } from "../schema/annotations.ts";
import { atomicList } from "../schema/rules.ts";
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

const unmanagedGrant = () =>
  z.object({
    externalId: statusText(1024).describe("The provider's ID of the grant."),
    audience: statusText(600).describe("Audience of the API."),
    scopes: z
      .array(statusText(280))
      .max(1000)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .describe("Scopes of the grant: the first 20, or fewer if they are long."),
    scopeCount: z.int().min(0).optional().describe("Number of its scopes, if scopes does not show all of them."),
    since: statusTime().describe("When the operator first saw the grant."),
  });

const credential = () =>
  z.object({
    id: statusText(128),
    keyId: statusText(128).optional(),
    algorithm: statusText(16).optional(),
    state: z.enum(["Next", "Current", "Retiring"]),
    createdAt: statusTime(),
    retireAt: statusTime().optional().describe("When the credential is revoked, unless Pods still use it."),
    retireAtLatest: statusTime()
      .optional()
      .describe("When the credential is revoked although Pods use it: retireAt and spec.rotation.maxWait."),
  });

/** `status`. It never holds a credential. */
export const status = () =>
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
    enabled: z.boolean().optional().describe("Whether the client is enabled at the provider, as last read."),
    defaultOrganization: statusText(255)
      .optional()
      .describe("ID of the organization that tokens are bound to when the client requests none, as last read."),
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
    waitingForPodsUntil: statusTime()
      .optional()
      .describe("When the operator stops waiting for the Pods in waitingForPods."),
    primaryApi: statusText(600)
      .optional()
      .describe(
        "API in the keys audience, scopes and the URLs of the Secret: namespace/name of the OAuthApi, or the external audience.",
      ),
    grantCount: z.int().min(0).optional().describe("Number of granted ScopeGrants of this client."),
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
        scopes: z
          .array(statusText(280))
          .max(1000)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .describe("Its scopes: the first 20, or fewer if they are long."),
        scopeCount: z.int().min(0).optional().describe("Number of its scopes, if scopes does not show all of them."),
        organizations: z
          .array(statusText(255))
          .max(100)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .optional()
          .describe("IDs of its organizations: the first 20, or fewer if they are long."),
        digest: statusText(64)
          .optional()
          .describe("Digest of all scopes and organizations, if the lists do not show all of them."),
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
        result: z
          .enum(["Verified", "Refused", "CannotVerify", "NotIssued"])
          .describe(
            "Refused: the tenant refused the credential, or the token is wrong. CannotVerify: the operator cannot read the token. NotIssued: there was no token for another reason, for example a quota.",
          ),
        message: statusText(1024),
        tries: z.int().min(0).max(100),
        at: statusTime(),
      })
      .optional()
      .describe("Result of the last token request with the published credential."),
  });
