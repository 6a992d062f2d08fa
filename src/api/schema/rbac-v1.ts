// rbac.authorization.k8s.io/v1 messages (package io.k8s.api.rbac.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.rbac.v1. */
export const RBAC_V1 = `
AggregationRule
   1 clusterRoleSelectors []meta.LabelSelector list=atomic

ClusterRole kind
   1 metadata        meta.ObjectMeta  emit
   2 rules           []PolicyRule     emit list=atomic
   3 aggregationRule AggregationRule?

ClusterRoleBinding kind
   1 metadata meta.ObjectMeta emit
   2 subjects []Subject       list=atomic
   3 roleRef  RoleRef         emit req

ClusterRoleBindingList kind list
   1 metadata meta.ListMeta        emit
   2 items    []ClusterRoleBinding emit req

ClusterRoleList kind list
   1 metadata meta.ListMeta emit
   2 items    []ClusterRole emit req

PolicyRule
   1 verbs           []string emit req list=atomic
   2 apiGroups       []string list=atomic
   3 resources       []string list=atomic
   4 resourceNames   []string list=atomic
   5 nonResourceURLs []string list=atomic

Role kind
   1 metadata meta.ObjectMeta emit
   2 rules    []PolicyRule    emit list=atomic

RoleBinding kind
   1 metadata meta.ObjectMeta emit
   2 subjects []Subject       list=atomic
   3 roleRef  RoleRef         emit req

RoleBindingList kind list
   1 metadata meta.ListMeta emit
   2 items    []RoleBinding emit req

RoleList kind list
   1 metadata meta.ListMeta emit
   2 items    []Role        emit req

RoleRef atomic
   1 apiGroup string emit
   2 kind     string emit req
   3 name     string emit req

Subject atomic
   1 kind      string emit req
   2 apiGroup  string
   3 name      string emit req
   4 namespace string
`;
