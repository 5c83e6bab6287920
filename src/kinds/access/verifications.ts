/** When verification tokens were requested within the last hour, by the uid of the provider object. */
export type Verifications = Map<string, readonly number[]>;
