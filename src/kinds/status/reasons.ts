import { LOOP_REASONS, type ReasonText } from "../../controller/reasons.ts";

/**
 * The closed vocabulary of reasons: the same word in condition, event and metric. Each says what it means and what to do;
 * docs/reference/conditions.md is made from this list.
 */
export const REASONS = {
  ...LOOP_REASONS,
  Deleting: ["The object is being deleted and waits for something.", "The message names what it waits for."],
  ClientNotReady: ["The M2MClient does not exist or is not Ready.", "Create it, or read its condition."],
  ApiNotReady: [
    "The OAuthApi, or the API of externalAudience, does not exist or is not Ready.",
    "Create it, or read its condition.",
  ],
  GrantNotReady: [
    "The client's Secret waits for a ScopeGrant: the one that spec.secret names, or one that was applied together with the client.",
    "Apply the ScopeGrant, or read its condition.",
  ],
  ProviderNotReady: ["The provider object is not Ready.", "Read the condition of the provider object."],
  NotAllowedOrMissing: [
    "The object that the spec refers to does not exist, or its owner does not allow this namespace to use it. For an OAuthApi in another namespace, the message does not say which.",
    "Ask the owner for consent: spec.allow of a provider, spec.allowedGrants of an OAuthApi. If the reference is wrong, create the resource again with the correct one.",
  ],
  ProvidersDiffer: [
    "The M2MClient and the OAuthApi of the grant use different provider objects.",
    "Create one of them again with the providerRef of the other.",
  ],
  AudienceNotAllowed: [
    "The provider's owner does not allow this namespace to claim this audience.",
    "Ask the owner to extend spec.allow[].audiences of the provider, or create the resource again with another audience.",
  ],
  NotOwned: [
    "An object with this identity exists at the tenant, and this resource did not create it. With adopt: the object to adopt does not exist.",
    "The message says how to adopt it, where that is possible. Otherwise delete it at the tenant, or create the resource again with another audience or client ID.",
  ],
  CredentialNotShared: [
    "The client was adopted, and others may use its credential.",
    "Ask the provider's owner to set spec.allow[].adopt.shareCredential. Or request a rotation, which replaces the credential for everybody.",
  ],
  ServiceAccountNotFound: [
    "The service account that the spec names does not exist in the namespace.",
    "Create it, or correct spec.authentication.serviceAccount. The operator checks again every 15 seconds.",
  ],
  OrganizationNotFound: [
    "The tenant has no organization with the ID or name in the spec, or the provider does not allow this namespace to use it.",
    "Create it at the tenant, correct the name, or ask the provider's owner to extend spec.allow[].organizations. The operator checks again every minute.",
  ],
  MassRevocation: [
    "A withdrawal of consent, or the deletion of an OAuthApi, would delete more grants than --max-revocations at once. Until it is confirmed, they stay in force.",
    "To confirm, annotate the object that the message names, as the message says. Otherwise restore the consent. The owner of that OAuthApi or provider object sees the same in its condition RevocationsHeld.",
  ],
  ObserveOnly: [
    "The operator only observes, and the tenant differs from the spec. The message is a preview of what the operator would do.",
    "Set managementPolicy of the provider to Full, or remove the annotation m2m-operator.io/observe-only. Or change the spec or the tenant.",
  ],
  Previewed: [
    "The ChangePreview is finished. Its status says what the operator would do.",
    "Nothing. The operator deletes the preview after ten minutes.",
  ],
  PreviewInvalid: [
    "The ChangePreview names a resource that cannot be previewed there.",
    "Correct what the message names, and create another preview.",
  ],
  PreviewFailed: [
    "The operator could not finish the preview. Nothing was changed.",
    "Create the preview again. If it fails again, read the operator's log.",
  ],
  TooManyPreviews: [
    "The namespace has more than ten ChangePreviews.",
    "Delete some of them, or wait: the operator deletes each ten minutes after it is finished.",
  ],
  Adopted: ["The operator adopted an object that existed at the tenant.", "Nothing."],
  TenantChanged: [
    "The provider object now names another tenant than the one where the object was created.",
    "Restore the provider object, or delete this resource and create it again.",
  ],
  SecretNotOwned: [
    "A Secret with this name exists, and it does not belong to this resource.",
    "Choose another name. Delete the Secret only if it belongs to nobody.",
  ],
  ConfigMapNotOwned: [
    "A ConfigMap with this name exists, and it does not belong to this resource.",
    "Choose another name. Delete the ConfigMap only if it belongs to nobody.",
  ],
  PrimaryGrantRequired: [
    "The client has grants for several APIs, and nothing says which of them fills the keys audience and scopes. A published Secret keeps these keys.",
    "Set spec.secret.primaryApi (or spec.secret.primaryGrant).",
  ],
  UnknownScopes: [
    "The grant requests scopes that the API does not define. The operator grants and publishes the others.",
    "Correct their names, add them to spec.scopes of the OAuthApi, or remove them here. The scopes of an externalAudience are defined at the tenant.",
  ],
  ScopesNotAllowed: [
    "The grant requests scopes that the API defines and does not allow this namespace to request. The operator grants and publishes the others.",
    "Ask the API's owner to add them to spec.allowedGrants of the OAuthApi, or remove them here.",
  ],
  CredentialChanged: [
    "Somebody replaced the credential at the provider, and the operator published the new one. Reason of an event.",
    "Find out who changed it, if you did not expect it. Workloads that read the Secret only at their start must restart.",
  ],
  StateLost: [
    "Somebody deleted the Secret in which the operator keeps the credential of a client. The operator stored the same credential again, or a new one. Reason of an event.",
    "Read the message. If the credential is new, restart workloads that read the Secret only at their start.",
  ],
  Recreated: [
    "Somebody deleted the object at the provider, and the operator created it again. Reason of an event.",
    "Find out who deleted it, if you did not expect it. A new client has another credential and mostly another client ID.",
  ],
  DriftReverted: [
    "Somebody changed the object at the provider, and the operator restored what the spec says. Reason of an event.",
    "Make the change in the spec, if you want it.",
  ],
  AccessRemoved: [
    "The operator removed access at the provider that no resource requests, or that consent no longer allows. Reason of an event.",
    "Read the message. Create a ScopeGrant, or ask for consent, where access is still needed.",
  ],
  UnmanagedGrants: [
    "The client has grants at the provider that no ScopeGrant requests. status.unmanagedGrants lists them. Reason of an event.",
    "Create ScopeGrants for them, or delete them at the tenant.",
  ],
  WaitingForPods: [
    "A rotation waits for Pods that a person must restart. Reason of an event.",
    "Restart the Pods that the message names, or wait until status.waitingForPodsUntil.",
  ],
  GrantLost: [
    "A grant that existed, or some of its scopes, was removed at the provider, because consent was withdrawn or its API changed. Reason of an event.",
    "Read the message. Ask the API's owner where access is still needed.",
  ],
  OverriddenByOthers: [
    "The provider evaluates policies of others for all clients before the grant, and they may decide in place of it.",
    "Narrow them, move them below the operator's, or delete them at the tenant.",
  ],
  AllScopesGranted: ["The grant at the provider has every requested scope.", "Nothing."],
  TemplateInvalid: [
    "The operator cannot render a template, because of its syntax, an unknown name or a limit.",
    "Correct what the message names.",
  ],
  SecretTooLarge: [
    "The Secret would be larger than the API server accepts.",
    "Publish fewer keys (spec.secret.keyStyle: None) or grant fewer scopes. The message names the largest key.",
  ],
  WaitingForTemplateValue: [
    "A template needs a value that no object provides.",
    "Apply the ScopeGrant or OAuthApi that the message names, or remove it from the template.",
  ],
  GrantsRemain: [
    "Grants that the operator did not create still use the API that is being deleted.",
    "Delete them at the tenant, or annotate the resource with m2m-operator.io/force-delete.",
  ],
  Issued: ["The credential in the Secret is the one that the provider holds.", "Nothing."],
  CredentialPending: [
    "The credential is not stored or not registered.",
    "Wait. If the message says that the client is disabled, enable it.",
  ],
  NotPublished: [
    "The provider holds the credential, and no Secret has been published with it.",
    "Read the message of Ready: it says what the Secret waits for.",
  ],
  CannotCompare: [
    "The provider does not show credentials, so the published one cannot be compared.",
    "If you want the comparison, grant the permission to read credentials that the guide of the provider names.",
  ],
  Verified: ["A token was obtained with the published credential, and its content is correct.", "Nothing."],
  NotVerifiedYet: ["The operator has not requested a token.", "Grant the client a scope. Otherwise wait."],
  VerificationDisabled: ["The provider's spec.verification.policy is Never.", "Nothing."],
  CannotVerify: [
    "The operator requested no token, and this says nothing about the credential.",
    "Do what the message says, if it asks for something.",
  ],
  VerificationFailed: [
    "The tenant refuses the published credential, or the content of the token is wrong.",
    "Compare the message with the settings of the API at the tenant. After three tries, the operator tries again after 10 minutes, then after 20, and so on, up to a day. To try again immediately, annotate the client with `m2m-operator.io/reconcile-requested-at`.",
  ],
  RotationStarted: ["A new credential was generated and stored.", "Nothing."],
  RotationAnnounced: [
    "The Secret shows the next credential under the keys `next_*`. The event says when it comes into force.",
    "Nothing.",
  ],
  RotationUnannounced: [
    "The next credential comes into force without an announcement, because no published Secret shows it.",
    "Name next_client_secret in the template, or use a keyStyle.",
  ],
  CredentialRotated: ["A new credential is in force.", "Restart Pods that read it from the environment."],
  CredentialRetired: ["The old credential was revoked.", "Nothing."],
  CredentialsRevoked: [
    "Credentials older than the annotation m2m-operator.io/compromised-at were revoked.",
    "Issued tokens stay valid until they expire. See docs/rotation.md.",
  ],
  RotationPending: [
    "A requested rotation waits, usually for the end of the last overlap.",
    "Wait until status.requestedRotationAt, or revoke the older credential as the message says.",
  ],
  RotationBlocked: [
    "A rotation is stuck.",
    "Read the message. Usually the client has as many credentials as the provider allows.",
  ],
  UnmanagedCredentials: [
    "The client has credentials at the provider that this resource did not create. The operator does not touch them.",
    "Delete them at the tenant if nobody uses them.",
  ],
  PodsNotReadable: [
    "A rotation waits for Pods, and the operator may not read them.",
    "Run the operator with --pod-awareness and with list and watch on Pods, or set spec.rotation.waitForPods to None.",
  ],
  Authenticated: ["A real call with the operator's credential succeeded.", "Nothing."],
  Orphaned: [
    "A resource was deleted, and its object at the tenant could not be deleted.",
    "Delete the object at the tenant by hand.",
  ],
  AllOwned: [
    "Every object at the tenant that carries the mark of this installation belongs to a resource.",
    "Nothing.",
  ],
  OrphansFound: [
    "Objects at the tenant carry the mark of this installation and belong to no resource that it watches.",
    "The message names them, and the annotation that deletes them. Create a resource again to keep its object.",
  ],
} as const satisfies Record<string, ReasonText>;

export type Reason = keyof typeof REASONS;
