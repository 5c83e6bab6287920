import { describeKilledRotations } from "./killed.ts";

describeKilledRotations("okta");
