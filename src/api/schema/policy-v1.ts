// policy/v1 messages (package io.k8s.api.policy.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.policy.v1. */
export const POLICY_V1 = `
enum UnhealthyPodEvictionPolicyType = IfHealthyBudget | AlwaysAllow

Eviction kind
   1 metadata      meta.ObjectMeta     emit
   2 deleteOptions meta.DeleteOptions?

PodDisruptionBudget kind
   1 metadata meta.ObjectMeta           emit
   2 spec     PodDisruptionBudgetSpec   emit
   3 status   PodDisruptionBudgetStatus emit

PodDisruptionBudgetList kind list
   1 metadata meta.ListMeta         emit
   2 items    []PodDisruptionBudget emit req

PodDisruptionBudgetSpec
   1 minAvailable               intstr?
   2 selector                   meta.LabelSelector? patch=replace
   3 maxUnavailable             intstr?
   4 unhealthyPodEvictionPolicy string?             enum=UnhealthyPodEvictionPolicyType

PodDisruptionBudgetStatus
   1 observedGeneration int64
   2 disruptedPods      map[string]time
   3 disruptionsAllowed int32            emit
   4 currentHealthy     int32            emit
   5 desiredHealthy     int32            emit
   6 expectedPods       int32            emit
   7 conditions         []meta.Condition list=map(type) patch=merge(type)
`;
