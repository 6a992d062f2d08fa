// coordination.k8s.io/v1 messages (package io.k8s.api.coordination.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.coordination.v1. */
export const COORDINATION_V1 = `
open enum CoordinatedLeaseStrategy = OldestEmulationVersion

Lease kind
   1 metadata meta.ObjectMeta emit
   2 spec     LeaseSpec       emit

LeaseList kind list
   1 metadata meta.ListMeta emit
   2 items    []Lease       emit req

LeaseSpec
   1 holderIdentity       string?
   2 leaseDurationSeconds int32?
   3 acquireTime          microtime?
   4 renewTime            microtime?
   5 leaseTransitions     int32?
   6 strategy             string?    enum=CoordinatedLeaseStrategy gate=CoordinatedLeaderElection
   7 preferredHolder      string?    gate=CoordinatedLeaderElection
`;
