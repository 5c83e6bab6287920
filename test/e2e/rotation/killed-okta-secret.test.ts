import { describeKilledRotation } from "./killed.ts";

describeKilledRotation({ vendor: "okta", what: "secret" });
