import { LOOP_REASONS, type ReasonText } from "../../controller/reasons.ts";

/**
 * The closed vocabulary of reasons: the same word in condition, event and metric. Each says what it means and what to do;
 * docs/reference/conditions.md is made from this list.
 */
export const REASONS = {
  ...LOOP_REASONS,
  Deleting: ["The object is being deleted and waits for something.", "The message names what it waits for."],
  ClientNotReady: ["The M2MClient is not usable yet.", "Read the M2MClient's own condition."],
  ApiNotReady: ["The OAuthApi is not usable yet.", "Read the OAuthApi's own condition."],
  GrantNotReady: [
    "The client's Secret waits for a ScopeGrant: the one that spec.secret names, or one that was applied together with the client.",
    "Apply the ScopeGrant, or read its condition.",
  ],
  ProviderNotReady: ["The provider object is not usable yet.", "Read the provider's own condition."],
  NotAllowedOrMissing: [
    "What is referred to does not exist, or its owner does not let this namespace use it; the message does not say which.",
    "Check the name, and ask the owner for consent (a provider's spec.allow, an OAuthApi's spec.allowedGrants).",
  ],
  AudienceNotAllowed: [
    "The provider's owner does not let this namespace claim this audience.",
    "Ask for it in the provider's spec.allow[].audiences.",
  ],
  NotOwned: [
    "Something with this identity exists at the tenant and was not made by this resource.",
    "Read the message: it says how to take it over, where that is possible. Else delete it there, or use another name.",
  ],
  CredentialNotShared: [
    "The client was taken over, and the credential it has may be in use elsewhere.",
    "Have the provider's owner set spec.allow[].adopt.shareCredential, or request a rotation, which replaces it for everybody.",
  ],
  OrganizationNotFound: [
    "The tenant has no organization of the id or name that the spec gives, or the provider does not let this namespace use it.",
    "Create it at the tenant, correct the name, or ask for it in the provider's spec.allow[].organizations. The operator checks again every minute.",
  ],
  MassRevocation: [
    "A withdrawal of consent, or the deletion of an OAuthApi, would delete more grants than --max-revocations at once. Until it is confirmed, they stay in force.",
    "If it is meant, annotate the object that the message names, as the message says. Otherwise restore the consent. The condition RevocationsHeld of that OAuthApi or provider object says the same to its owner.",
  ],
  ObserveOnly: [
    "The provider object only observes, and something is not as the spec says.",
    "Change it at the tenant, change the spec, or set the provider's managementPolicy to Full.",
  ],
  Adopted: ["Something that existed at the tenant was taken over.", "Nothing."],
  Conflict: ["Another resource has the better claim to the same remote object.", "Delete one of the two."],
  TenantChanged: [
    "The provider object names another tenant than the one this was made at.",
    "Restore the provider, or delete and create this resource.",
  ],
  CredentialsMissing: [
    "The Secret with the operator's credential is not there.",
    "Create it; it is picked up at once.",
  ],
  SecretNotOwned: [
    "A Secret with the wanted name exists and was not made for this resource.",
    "Delete it, or choose another name.",
  ],
  ConfigMapNotOwned: [
    "A ConfigMap with the wanted name exists and was not made for this resource.",
    "Delete it, or choose another name.",
  ],
  PrimaryGrantRequired: [
    "The client has grants for several APIs, and nothing says which of them fills the keys audience and scopes. Keys that were published before stay as they are.",
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
  GrantLost: [
    "A grant that existed was deleted at the provider, because consent was withdrawn or its API is gone. Reason of an event.",
    "Read the message. Ask the API's owner where access is still needed.",
  ],
  OverriddenByOthers: [
    "Something that somebody else set up for all clients is asked first at the provider and may decide in place of the grant.",
    "Move it below the operator's, narrow it, or remove it at the tenant.",
  ],
  AllScopesGranted: ["The provider holds everything that was asked for.", "Nothing."],
  TemplateInvalid: [
    "A template cannot be rendered: its syntax, a name that no value can ever have, or a limit.",
    "Correct what the message names.",
  ],
  SecretTooLarge: [
    "The Secret would be larger than the API server accepts.",
    "Publish fewer keys (spec.secret.keyStyle: None) or grant fewer scopes; the message names the largest key.",
  ],
  WaitingForTemplateValue: ["A template needs a value that is not known yet.", "Apply what it names."],
  GrantsRemain: [
    "Grants that others made still use the API that is to be deleted.",
    "Remove them at the tenant, or annotate with m2m-operator.io/force-delete.",
  ],
  Issued: ["The credential in the Secret is the one that the provider holds.", "Nothing."],
  CredentialPending: [
    "The credential is not stored yet.",
    "Wait. Where the message says that the client is disabled, enable it.",
  ],
  NotPublished: [
    "The provider holds the credential, and no Secret has been published with it.",
    "Read the message of Ready: it says what the Secret waits for.",
  ],
  CannotCompare: [
    "The provider does not show credentials, so the published one cannot be compared.",
    "Grant the permission to read them, if you want that.",
  ],
  Verified: ["A token was obtained with the published credential, and it is what it should be.", "Nothing."],
  NotVerifiedYet: ["No token was asked for yet.", "Wait, or see whether anything is granted."],
  VerificationDisabled: ["The provider's spec.verification.policy is Never.", "Nothing."],
  CannotVerify: ["No token can be had by design, so nothing is known.", "Nothing."],
  VerificationFailed: [
    "The tenant definitely refuses the published credential, or the token is not what it should be.",
    "Read the message; compare the API's settings at the tenant. After three tries nothing is tried until you annotate the client with `m2m-operator.io/reconcile-requested-at`.",
  ],
  RotationStarted: ["A new credential was made and written down.", "Nothing."],
  RotationAnnounced: ["The next credential is published as next_..., and will be put in force.", "Nothing."],
  RotationUnannounced: [
    "The next credential comes into force without having been announced, since no published Secret shows it.",
    "Name next_client_secret in the template, or use a keyStyle, if programs are to be ready for it.",
  ],
  CredentialRotated: ["A new credential is in force.", "Nothing; restart Pods that read it from the environment."],
  CredentialRetired: ["An old credential works no longer.", "Nothing."],
  CredentialsRevoked: [
    "Credentials older than the annotation m2m-operator.io/compromised-at work no longer.",
    "Tokens that were issued live until they expire: see docs/rotation.md.",
  ],
  RotationPending: [
    "A rotation that was requested waits, mostly for the end of the overlap of the last one.",
    "Wait until status.requestedRotationAt, or revoke the older credential as the message says.",
  ],
  RotationBlocked: [
    "A rotation cannot go on.",
    "Read the message: mostly somebody else's credentials take all the room that the provider has.",
  ],
  UnmanagedCredentials: [
    "The client has credentials at the provider that this resource did not make. They are left alone.",
    "Delete them at the tenant if nobody uses them.",
  ],
  PodsNotReadable: [
    "A rotation waits for Pods, and the operator may not read them.",
    "Run the operator with --pod-awareness and with list and watch on Pods, or set spec.rotation.waitForPods to None.",
  ],
  Authenticated: ["A real call with the operator's credential succeeded.", "Nothing."],
  Orphaned: [
    "A resource was deleted although what it made could not be: it stays at the tenant.",
    "Delete it there by hand.",
  ],
  AllOwned: [
    "Every object at the tenant that carries the mark of this installation belongs to a resource.",
    "Nothing.",
  ],
  OrphansFound: [
    "Objects at the tenant carry the mark of this installation and belong to no resource that it watches.",
    "The message names them, and the annotation that deletes them. Create a resource again to keep its object.",
  ],
  ConsentWithdrawn: [
    "Consent was taken back and the grant was removed at the tenant.",
    "Ask for consent again; the same client id will work.",
  ],
} as const satisfies Record<string, ReasonText>;

export type Reason = keyof typeof REASONS;
