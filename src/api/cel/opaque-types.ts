// Names of the types that Kubernetes' libraries add to CEL. Rules: "Kubernetes CEL libraries".

/** Quantities. */
export const QUANTITY = 'kubernetes.Quantity';
/** URLs. */
export const URL_TYPE = 'kubernetes.URL';
/** Named formats. */
export const FORMAT_TYPE = 'kubernetes.NamedFormat';
/** Semantic versions. */
export const SEMVER = 'kubernetes.Semver';
/** IP addresses. */
export const IP = 'net.IP';
/** Networks. */
export const CIDR = 'net.CIDR';
/** The authorizer of a request. */
export const AUTHORIZER = 'kubernetes.authorization.Authorizer';
/** A check of a path. */
export const PATH_CHECK = 'kubernetes.authorization.PathCheck';
/** A check of a group. */
export const GROUP_CHECK = 'kubernetes.authorization.GroupCheck';
/** A check of a resource. */
export const RESOURCE_CHECK = 'kubernetes.authorization.ResourceCheck';
/** What a check gives. */
export const DECISION = 'kubernetes.authorization.Decision';

/** All of them. */
export const OPAQUE_TYPES: readonly string[] = [
  QUANTITY,
  URL_TYPE,
  FORMAT_TYPE,
  SEMVER,
  IP,
  CIDR,
  AUTHORIZER,
  PATH_CHECK,
  GROUP_CHECK,
  RESOURCE_CHECK,
  DECISION,
];
