// apiregistration.k8s.io/v1 messages (package io.k8s.kube-aggregator.pkg.apis.apiregistration.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.kube-aggregator.pkg.apis.apiregistration.v1. */
export const APIREGISTRATION_V1 = `
open enum ConditionStatus = True | False | Unknown
open enum APIServiceConditionType = Available

APIService kind
   1 metadata meta.ObjectMeta  emit
   2 spec     APIServiceSpec   emit
   3 status   APIServiceStatus emit

APIServiceCondition
   1 type               string emit req enum=APIServiceConditionType
   2 status             string emit req enum=ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

APIServiceList kind list
   1 metadata meta.ListMeta emit
   2 items    []APIService  emit req

APIServiceSpec
   1 service               ServiceReference?
   2 group                 string
   3 version               string
   4 insecureSkipTLSVerify bool
   5 caBundle              bytes             list=atomic
   7 groupPriorityMinimum  int32             emit req
   8 versionPriority       int32             emit req

APIServiceStatus
   1 conditions []APIServiceCondition list=map(type) patch=merge(type)

ServiceReference
   1 namespace string
   2 name      string
   3 port      int32?
`;
