// node.k8s.io/v1 messages (package io.k8s.api.node.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.node.v1. */
export const NODE_V1 = `
Overhead
   1 podFixed map[string]quantity

RuntimeClass kind
   1 metadata   meta.ObjectMeta emit
   2 handler    string          emit req
   3 overhead   Overhead?
   4 scheduling Scheduling?

RuntimeClassList kind list
   1 metadata meta.ListMeta  emit
   2 items    []RuntimeClass emit req

Scheduling
   1 nodeSelector map[string]string map=atomic
   2 tolerations  []core.Toleration list=atomic
`;
