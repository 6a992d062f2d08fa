// Groups that authentication itself gives.

/** Everybody who proved to be somebody. */
export const AUTHENTICATED = 'system:authenticated';
/** Nodes that join with the cluster's token, until they have certificates. */
export const BOOTSTRAPPERS = 'system:bootstrappers';
/** Those of them that kts's own bindings name. */
export const KTS_BOOTSTRAPPERS = 'system:bootstrappers:kts';
