interface Link {
  readonly href: string;
  readonly name?: string;
  readonly hints?: { readonly allow: readonly string[] };
}

/** Absolute links below one resource, as every answer has them. */
export function linkTo(base: string) {
  return (path: string, ...allow: readonly string[]): Link => ({
    href: base + path,
    ...(allow.length === 0 ? {} : { hints: { allow } }),
  });
}

/** The link that changes the status. */
export function lifecycle(base: string, status: string, ...allow: readonly string[]): Readonly<Record<string, Link>> {
  const verb = status === "ACTIVE" ? "deactivate" : "activate";
  return { [verb]: linkTo(base)(`/lifecycle/${verb}`, ...allow) };
}

/** Of a scope or claim: `server` as it is called in paths. */
export const childLinks = (orgUrl: string, server: string, type: "scopes" | "claims", id: string): object => ({
  self: linkTo(`${orgUrl}/api/v1/authorizationServers/${server}/${type}/${id}`)("", "GET", "PUT", "DELETE"),
});
