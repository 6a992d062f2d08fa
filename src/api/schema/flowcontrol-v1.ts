// flowcontrol.apiserver.k8s.io/v1 messages (package io.k8s.api.flowcontrol.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.flowcontrol.v1. */
export const FLOWCONTROL_V1 = `
open enum FlowDistinguisherMethodType = ByUser | ByNamespace
open enum SubjectKind = User | Group | ServiceAccount
open enum PriorityLevelEnablement = Exempt | Limited
open enum LimitResponseType = Queue | Reject
open enum ConditionStatus = True | False | Unknown

ExemptPriorityLevelConfiguration
   1 nominalConcurrencyShares int32?
   2 lendablePercent          int32?

FlowDistinguisherMethod
   1 type string emit req enum=FlowDistinguisherMethodType

FlowSchema kind
   1 metadata meta.ObjectMeta  emit
   2 spec     FlowSchemaSpec   emit
   3 status   FlowSchemaStatus emit

FlowSchemaCondition
   1 type               string
   2 status             string enum=ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

FlowSchemaList kind list
   1 metadata meta.ListMeta emit
   2 items    []FlowSchema  emit req

FlowSchemaSpec
   1 priorityLevelConfiguration PriorityLevelConfigurationReference emit req
   2 matchingPrecedence         int32                               emit
   3 distinguisherMethod        FlowDistinguisherMethod?
   4 rules                      []PolicyRulesWithSubjects           list=atomic

FlowSchemaStatus
   1 conditions []FlowSchemaCondition list=map(type) patch=merge(type)

GroupSubject
   1 name string emit req

LimitResponse union=type(queuing)
   1 type    string                emit req enum=LimitResponseType discriminator
   2 queuing QueuingConfiguration?

LimitedPriorityLevelConfiguration
   1 nominalConcurrencyShares int32?        emit
   2 limitResponse            LimitResponse emit
   3 lendablePercent          int32?
   4 borrowingLimitPercent    int32?

NonResourcePolicyRule
   1 verbs           []string emit req list=set
   6 nonResourceURLs []string emit req list=set

PolicyRulesWithSubjects
   1 subjects         []Subject               emit req list=atomic
   2 resourceRules    []ResourcePolicyRule    list=atomic
   3 nonResourceRules []NonResourcePolicyRule list=atomic

PriorityLevelConfiguration kind
   1 metadata meta.ObjectMeta                  emit
   2 spec     PriorityLevelConfigurationSpec   emit
   3 status   PriorityLevelConfigurationStatus emit

PriorityLevelConfigurationCondition
   1 type               string
   2 status             string enum=ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

PriorityLevelConfigurationList kind list
   1 metadata meta.ListMeta                emit
   2 items    []PriorityLevelConfiguration emit req

PriorityLevelConfigurationReference
   1 name string emit req

PriorityLevelConfigurationSpec union=type(exempt,limited)
   1 type    string                             emit req enum=PriorityLevelEnablement discriminator
   2 limited LimitedPriorityLevelConfiguration?
   3 exempt  ExemptPriorityLevelConfiguration?

PriorityLevelConfigurationStatus
   1 conditions []PriorityLevelConfigurationCondition list=map(type) patch=merge(type)

QueuingConfiguration
   1 queues           int32 emit
   2 handSize         int32 emit
   3 queueLengthLimit int32 emit

ResourcePolicyRule
   1 verbs        []string emit req list=set
   2 apiGroups    []string emit req list=set
   3 resources    []string emit req list=set
   4 clusterScope bool
   5 namespaces   []string emit list=set

ServiceAccountSubject
   1 namespace string emit req
   2 name      string emit req

Subject union=kind(group,serviceAccount,user)
   1 kind           string                 emit req enum=SubjectKind discriminator
   2 user           UserSubject?
   3 group          GroupSubject?
   4 serviceAccount ServiceAccountSubject?

UserSubject
   1 name string emit req
`;
