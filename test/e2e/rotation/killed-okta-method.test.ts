import { describeKilledRotation } from "./killed.ts";

describeKilledRotation({ vendor: "okta", what: "method", change: { method: "private_key_jwt" } });
