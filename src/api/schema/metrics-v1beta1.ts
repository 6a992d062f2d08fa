// metrics.k8s.io/v1beta1 messages (package io.k8s.metrics.pkg.apis.metrics.v1beta1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.metrics.pkg.apis.metrics.v1beta1. */
export const METRICS_V1BETA1 = `
ContainerMetrics hidden
   1 name  string              emit req
   2 usage map[string]quantity emit req

NodeMetrics typed hidden
   1 metadata  meta.ObjectMeta     emit
   2 timestamp time                emit req
   3 window    duration            emit req
   4 usage     map[string]quantity emit req

NodeMetricsList typed list hidden
   1 metadata meta.ListMeta emit
   2 items    []NodeMetrics emit req

PodMetrics typed hidden
   1 metadata   meta.ObjectMeta    emit
   2 timestamp  time               emit req
   3 window     duration           emit req
   4 containers []ContainerMetrics emit req list=atomic

PodMetricsList typed list hidden
   1 metadata meta.ListMeta emit
   2 items    []PodMetrics  emit req
`;
