import { z } from "zod";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const HOST = `${LABEL}(\\.${LABEL})*(:[0-9]{1,5})?`;

/** A host in lower case, with a port where it is not 443. */
export const host = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(new RegExp(`^${HOST}$`));

/** `https://` and a host, without a path. */
export const origin = () =>
  z
    .string()
    .min(1)
    .max(300)
    .regex(new RegExp(`^https:\\/\\/${HOST}$`));

/** `https://` and a host, and a path without a slash at its end. */
export const httpsUrl = () =>
  z
    .string()
    .min(1)
    .max(300)
    .regex(new RegExp(`^https:\\/\\/${HOST}(\\/[-._~A-Za-z0-9]+)*$`));
