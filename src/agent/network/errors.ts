// Failures of the node's network.

/** Codes of KtsError thrown by agent/network. */
export type NetworkErrorCode =
  /** No address of this node could be found, or the one asked for is not there. */
  | 'network-no-address'
  /** A link of another kind has the name that kts uses. */
  | 'network-name-taken'
  /** The kernel refuses a setting that pods need. */
  | 'network-kernel';
