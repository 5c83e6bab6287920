import { describeRotations } from "./rotating.ts";

describeRotations("okta");
