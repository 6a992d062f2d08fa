// scheduling.k8s.io/v1 messages (package io.k8s.api.scheduling.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.scheduling.v1. */
export const SCHEDULING_V1 = `
PriorityClass kind
   1 metadata         meta.ObjectMeta emit
   2 value            int32           emit
   3 globalDefault    bool
   4 description      string
   5 preemptionPolicy string?         enum=io.k8s.api.core.v1.PreemptionPolicy

PriorityClassList kind list
   1 metadata meta.ListMeta   emit
   2 items    []PriorityClass emit req
`;
