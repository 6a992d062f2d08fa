// Names of the types that Kubernetes' libraries add to CEL. Rules: "Kubernetes CEL libraries".

/** Quantities. */
const QUANTITY = 'kubernetes.Quantity';
/** URLs. */
const URL_TYPE = 'kubernetes.URL';
/** Named formats. */
const FORMAT_TYPE = 'kubernetes.NamedFormat';
/** Semantic versions. */
const SEMVER = 'kubernetes.Semver';
/** IP addresses. */
const IP = 'net.IP';
/** Networks. */
const CIDR = 'net.CIDR';
/** The authorizer of a request. */
const AUTHORIZER = 'kubernetes.authorization.Authorizer';
/** A check of a path. */
const PATH_CHECK = 'kubernetes.authorization.PathCheck';
/** A check of a group. */
const GROUP_CHECK = 'kubernetes.authorization.GroupCheck';
/** A check of a resource. */
const RESOURCE_CHECK = 'kubernetes.authorization.ResourceCheck';
/** What a check gives. */
const DECISION = 'kubernetes.authorization.Decision';

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
