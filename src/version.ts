/** Version of package, image and chart alike; a test compares them. */
export const OPERATOR_VERSION = "0.1.0";
