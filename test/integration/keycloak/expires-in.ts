import { expect } from "vitest";

/** Matches `expires_in` of a token with this lifetime: Keycloak counts whole seconds from the moment of its answer. */
export const expiresIn = (seconds: number): unknown =>
  expect.toSatisfy((left: number) => left <= seconds && left > seconds - 5);
