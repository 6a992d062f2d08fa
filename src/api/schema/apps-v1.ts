// apps/v1 messages (package io.k8s.api.apps.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.apps.v1. */
export const APPS_V1 = `
enum PodManagementPolicyType = OrderedReady | Parallel
enum StatefulSetUpdateStrategyType = RollingUpdate | OnDelete
open enum PersistentVolumeClaimRetentionPolicyType = Retain | Delete
enum DeploymentStrategyType = Recreate | RollingUpdate
open enum DeploymentConditionType = Available | Progressing | ReplicaFailure
enum DaemonSetUpdateStrategyType = RollingUpdate | OnDelete
open enum ReplicaSetConditionType = ReplicaFailure

ControllerRevision kind
   1 metadata meta.ObjectMeta emit
   2 data     raw             emit
   3 revision int64           emit req

ControllerRevisionList kind list
   1 metadata meta.ListMeta        emit
   2 items    []ControllerRevision emit req

DaemonSet kind
   1 metadata meta.ObjectMeta emit
   2 spec     DaemonSetSpec   emit
   3 status   DaemonSetStatus emit

DaemonSetCondition
   1 type               string emit req
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

DaemonSetList kind list
   1 metadata meta.ListMeta emit
   2 items    []DaemonSet   emit req

DaemonSetSpec
   1 selector             meta.LabelSelector?     emit req
   2 template             core.PodTemplateSpec    emit req
   3 updateStrategy       DaemonSetUpdateStrategy emit
   4 minReadySeconds      int32
   6 revisionHistoryLimit int32?

DaemonSetStatus
   1 currentNumberScheduled int32                emit req
   2 numberMisscheduled     int32                emit req
   3 desiredNumberScheduled int32                emit req
   4 numberReady            int32                emit req
   5 observedGeneration     int64
   6 updatedNumberScheduled int32
   7 numberAvailable        int32
   8 numberUnavailable      int32
   9 collisionCount         int32?
  10 conditions             []DaemonSetCondition list=map(type) patch=merge(type)

DaemonSetUpdateStrategy
   1 type          string                  enum=DaemonSetUpdateStrategyType
   2 rollingUpdate RollingUpdateDaemonSet?

Deployment kind
   1 metadata meta.ObjectMeta  emit
   2 spec     DeploymentSpec   emit
   3 status   DeploymentStatus emit

DeploymentCondition
   1 type               string emit req enum=DeploymentConditionType
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   6 lastUpdateTime     time   emit
   7 lastTransitionTime time   emit
   4 reason             string
   5 message            string

DeploymentList kind list
   1 metadata meta.ListMeta emit
   2 items    []Deployment  emit req

DeploymentSpec
   1 replicas                int32?
   2 selector                meta.LabelSelector?  emit req
   3 template                core.PodTemplateSpec emit req
   4 strategy                DeploymentStrategy   emit patch=retainKeys
   5 minReadySeconds         int32
   6 revisionHistoryLimit    int32?
   7 paused                  bool
   9 progressDeadlineSeconds int32?

DeploymentStatus
   1 observedGeneration  int64
   2 replicas            int32
   3 updatedReplicas     int32
   7 readyReplicas       int32
   4 availableReplicas   int32
   5 unavailableReplicas int32
   9 terminatingReplicas int32?
   6 conditions          []DeploymentCondition list=map(type) patch=merge(type)
   8 collisionCount      int32?

DeploymentStrategy
   1 type          string                   enum=DeploymentStrategyType
   2 rollingUpdate RollingUpdateDeployment?

ReplicaSet kind
   1 metadata meta.ObjectMeta  emit
   2 spec     ReplicaSetSpec   emit
   3 status   ReplicaSetStatus emit

ReplicaSetCondition
   1 type               string emit req enum=ReplicaSetConditionType
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

ReplicaSetList kind list
   1 metadata meta.ListMeta emit
   2 items    []ReplicaSet  emit req

ReplicaSetSpec
   1 replicas        int32?
   4 minReadySeconds int32
   2 selector        meta.LabelSelector?  emit req
   3 template        core.PodTemplateSpec emit

ReplicaSetStatus
   1 replicas             int32                 emit req
   2 fullyLabeledReplicas int32
   4 readyReplicas        int32
   5 availableReplicas    int32
   7 terminatingReplicas  int32?
   3 observedGeneration   int64
   6 conditions           []ReplicaSetCondition list=map(type) patch=merge(type)

RollingUpdateDaemonSet
   1 maxUnavailable intstr?
   2 maxSurge       intstr?

RollingUpdateDeployment
   1 maxUnavailable intstr?
   2 maxSurge       intstr?

RollingUpdateStatefulSetStrategy
   1 partition      int32?
   2 maxUnavailable intstr? gate=MaxUnavailableStatefulSet

StatefulSet kind
   1 metadata meta.ObjectMeta   emit
   2 spec     StatefulSetSpec   emit
   3 status   StatefulSetStatus emit

StatefulSetCondition
   1 type               string emit req
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

StatefulSetList kind list
   1 metadata meta.ListMeta emit
   2 items    []StatefulSet emit req

StatefulSetOrdinals
   1 start int32 emit

StatefulSetPersistentVolumeClaimRetentionPolicy
   1 whenDeleted string enum=PersistentVolumeClaimRetentionPolicyType
   2 whenScaled  string enum=PersistentVolumeClaimRetentionPolicyType

StatefulSetSpec
   1 replicas                             int32?
   2 selector                             meta.LabelSelector?                              emit req
   3 template                             core.PodTemplateSpec                             emit req
   4 volumeClaimTemplates                 []core.PersistentVolumeClaim                     list=atomic
   5 serviceName                          string                                           emit
   6 podManagementPolicy                  string                                           enum=PodManagementPolicyType
   7 updateStrategy                       StatefulSetUpdateStrategy                        emit
   8 revisionHistoryLimit                 int32?
   9 minReadySeconds                      int32
  10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy?
  11 ordinals                             StatefulSetOrdinals?

StatefulSetStatus
   1 observedGeneration int64
   2 replicas           int32                  emit req
   3 readyReplicas      int32
   4 currentReplicas    int32
   5 updatedReplicas    int32
   6 currentRevision    string
   7 updateRevision     string
   9 collisionCount     int32?
  10 conditions         []StatefulSetCondition list=map(type) patch=merge(type)
  11 availableReplicas  int32                  emit

StatefulSetUpdateStrategy
   1 type          string                            enum=StatefulSetUpdateStrategyType
   2 rollingUpdate RollingUpdateStatefulSetStrategy?
`;
