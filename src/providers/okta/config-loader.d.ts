declare module "@okta/okta-sdk-nodejs/src/config-loader.js" {
  /** What the SDK's client reads its defaults with. */
  export class ConfigLoader {
    applyDefaults(): void;
  }
}
