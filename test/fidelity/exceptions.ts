/** Exchanges that the sandbox answers differently, each with the reason. `of` is part of the test's name. */
export const EXCEPTIONS: readonly { readonly of: string; readonly why: string }[] = [
  ...listed("recorded before clients were shown with cross_origin_authentication", [
    "TestAccAllowUpdatingTheClientSecret.yaml#0 POST",
    "TestAccDataClientById.yaml#0 POST",
    "TestClient_CreateWithDefaultOrg.yaml#1 POST",
    "TestBlacklist.yaml#0 POST",
  ]),
  ...listed("recorded before APIs were shown with subject_type_authorization", [
    "TestAccDataSourceResourceServer.yaml#1 POST",
    "TestClient_CreateLinkedToResourceServer.yaml#0 POST",
    "TestClient_CreateWithClientRefreshToken.yaml#0 POST",
    "TestOrganizationManager_ClientGrants.yaml#2 POST",
  ]),
  ...listed("recorded before grants were shown with subject_type", [
    "TestOrganizationManager_ClientGrants.yaml#3 POST",
  ]),
  ...listed("the recording's tenant does not show the signing_secret of an HS256 API", [
    "TestClientGrantManager_Create.yaml#1 POST",
    "TestClientGrantManager_Delete.yaml#1 POST",
  ]),
  ...listed("signed request objects: required and PAR settings of logins are not validated", [
    "TestClientSignedRequestObject.yaml#0",
  ]),
  ...listed("recorded before clients were shown with cross_origin_authentication, with keys", [
    "TestClientAuthenticationMethods/GetPrivateKeyJWT.yaml#0",
  ]),
  ...listed("express configuration and applications of that type are not simulated", [
    "TestAccClientExpressApp.yaml#0",
    "TestAccClientExpressAppConfiguration.yaml#1",
    "TestResourceServer_ExpressConfiguration.yaml#0",
    "TestResourceServer_ExpressConfiguration.yaml#6",
    "TestClientGrant_ExpressConfiguration.yaml#0",
    "TestClientGrant_ExpressConfiguration.yaml#5",
    "TestClient_ExpressConfiguration.yaml#0",
    "TestClient_ExpressConfiguration.yaml#7",
  ]),
  ...listed("clients that stand for an API get other defaults, which no machine client has", [
    "TestAccClientMixedTokenExchangeProfiles.yaml#2",
    "TestAccClientResourceServer.yaml#2",
    "TestClient_CreateLinkedToResourceServer.yaml#1",
  ]),
  ...listed("settings of logins: nested defaults and validation are not simulated", [
    "TestAccClientMobile.yaml#12",
    "TestAccClientOIDCLogout.yaml#0",
    "TestAccClientSessionTransfer.yaml#0",
    "TestAccClientSessionTransfer.yaml#4",
    "TestClient_CreateWithOIDCLogout.yaml#0",
    "TestClient_MyOrganizationConfiguration.yaml#2",
    "TestAccClient_ThirdPartySecurityMode.yaml#0",
  ]),
  ...listed("search of clients by organization (q) is not simulated", [
    "TestOrganizationManager_ClientGrantsWithOrg.yaml#5",
  ]),
  ...listed("recorded before organizations were shown with third_party_client_access", [
    "TestAccClientWithDefaultOrganization.yaml#0 POST",
    "TestAccOrganizationTokenQuota.yaml#0 POST",
    "TestClientGrantManager_Organizations.yaml#0 POST",
  ]),
  ...listed("connections of organizations are not simulated", ["TestOrganizationManager_Create.yaml#4 POST"]),
  ...listed("recorded before grants of organizations were shown with subject_type", [
    "TestOrganizationManager_ClientGrants.yaml#5",
  ]),
  ...listed("a cursor is good only at the tenant that gave it", [
    "TestOrganizationManager_ListCheckpointPagination.yaml#4",
  ]),
  ...listed("the tenant's global client cannot be told from a list that shows ids alone", [
    "TestAccDataGlobalClient.yaml#0",
  ]),
  ...listed(
    "a POST with the identifier of the tenant's own My Account API answers with that API, which is not simulated",
    ["TestResourceServer_ACR.yaml#0", "TestAccResourceServer_ACR.yaml#0"],
  ),
  ...listed("recorded before the thumbprint of an encryption key was shown", ["TestResourceServer_Create.yaml#0"]),
];

function listed(why: string, of: readonly string[]): readonly { readonly of: string; readonly why: string }[] {
  return of.map((name) => ({ of: name, why }));
}
