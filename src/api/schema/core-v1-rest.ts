// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: rest. */
export const CORE_V1_REST = `
open enum ReplicationControllerConditionType = ReplicaFailure
open enum FinalizerName = kubernetes
enum NamespacePhase = Active | Terminating
open enum NamespaceConditionType = NamespaceDeletionDiscoveryFailure | NamespaceDeletionContentFailure | NamespaceDeletionGroupVersionParsingFailure | NamespaceContentRemaining | NamespaceFinalizersRemaining
open enum LimitType = Pod | Container | PersistentVolumeClaim
enum ResourceQuotaScope = Terminating | NotTerminating | BestEffort | NotBestEffort | PriorityClass | CrossNamespacePodAffinity | VolumeAttributesClass
enum ScopeSelectorOperator = In | NotIn | Exists | DoesNotExist
open enum SecretType = Opaque | kubernetes.io/service-account-token | kubernetes.io/dockercfg | kubernetes.io/dockerconfigjson | kubernetes.io/basic-auth | kubernetes.io/ssh-auth | kubernetes.io/tls | bootstrap.kubernetes.io/token
open enum ComponentConditionType = Healthy

Binding kind
   1 metadata meta.ObjectMeta emit
   2 target   ObjectReference emit req

ComponentCondition
   1 type    string emit req enum=ComponentConditionType
   2 status  string emit req enum=ConditionStatus
   3 message string
   4 error   string

ComponentStatus kind
   1 metadata   meta.ObjectMeta      emit
   2 conditions []ComponentCondition list=map(type) patch=merge(type)

ComponentStatusList kind list
   1 metadata meta.ListMeta     emit
   2 items    []ComponentStatus emit req

ConfigMap kind
   1 metadata   meta.ObjectMeta   emit
   4 immutable  bool?
   2 data       map[string]string
   3 binaryData map[string]bytes

ConfigMapList kind list
   1 metadata meta.ListMeta emit
   2 items    []ConfigMap   emit req

ConfigMapNodeConfigSource
   1 namespace        string emit req
   2 name             string emit req
   3 uid              string
   4 resourceVersion  string
   5 kubeletConfigKey string emit req

Event kind
   1 metadata           meta.ObjectMeta  emit req
   2 involvedObject     ObjectReference  emit req
   3 reason             string
   4 message            string
   5 source             EventSource      emit
   6 firstTimestamp     time             emit
   7 lastTimestamp      time             emit
   8 count              int32
   9 type               string
  10 eventTime          microtime        emit
  11 series             EventSeries?
  12 action             string
  13 related            ObjectReference?
  14 reportingComponent string           emit
  15 reportingInstance  string           emit

EventList kind list
   1 metadata meta.ListMeta emit
   2 items    []Event       emit req

EventSeries
   1 count            int32
   2 lastObservedTime microtime emit

EventSource
   1 component string
   2 host      string

LimitRange kind
   1 metadata meta.ObjectMeta emit
   2 spec     LimitRangeSpec  emit

LimitRangeItem
   1 type                 string              emit req enum=LimitType
   2 max                  map[string]quantity
   3 min                  map[string]quantity
   4 default              map[string]quantity
   5 defaultRequest       map[string]quantity
   6 maxLimitRequestRatio map[string]quantity

LimitRangeList kind list
   1 metadata meta.ListMeta emit
   2 items    []LimitRange  emit req

LimitRangeSpec
   1 limits []LimitRangeItem emit req list=atomic

Namespace kind
   1 metadata meta.ObjectMeta emit
   2 spec     NamespaceSpec   emit
   3 status   NamespaceStatus emit

NamespaceCondition
   1 type               string emit req enum=NamespaceConditionType
   2 status             string emit req enum=ConditionStatus
   4 lastTransitionTime time   emit
   5 reason             string
   6 message            string

NamespaceList kind list
   1 metadata meta.ListMeta emit
   2 items    []Namespace   emit req

NamespaceSpec
   1 finalizers []string list=atomic enum=FinalizerName

NamespaceStatus
   1 phase      string               enum=NamespacePhase
   2 conditions []NamespaceCondition list=map(type) patch=merge(type)

ObjectReference atomic
   1 kind            string
   2 namespace       string
   3 name            string
   4 uid             string
   5 apiVersion      string
   6 resourceVersion string
   7 fieldPath       string

Preconditions hidden
   1 uid string?

RangeAllocation typed hidden
   1 metadata meta.ObjectMeta emit
   2 range    string          emit req
   3 data     bytes           emit req

ReplicationController kind
   1 metadata meta.ObjectMeta             emit
   2 spec     ReplicationControllerSpec   emit
   3 status   ReplicationControllerStatus emit

ReplicationControllerCondition
   1 type               string emit req enum=ReplicationControllerConditionType
   2 status             string emit req enum=ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

ReplicationControllerList kind list
   1 metadata meta.ListMeta           emit
   2 items    []ReplicationController emit req

ReplicationControllerSpec
   1 replicas        int32?            default=1
   4 minReadySeconds int32             default=0
   2 selector        map[string]string map=atomic
   3 template        PodTemplateSpec?

ReplicationControllerStatus
   1 replicas             int32                            emit req
   2 fullyLabeledReplicas int32
   4 readyReplicas        int32
   5 availableReplicas    int32
   3 observedGeneration   int64
   6 conditions           []ReplicationControllerCondition list=map(type) patch=merge(type)

ResourceQuota kind
   1 metadata meta.ObjectMeta     emit
   2 spec     ResourceQuotaSpec   emit
   3 status   ResourceQuotaStatus emit

ResourceQuotaList kind list
   1 metadata meta.ListMeta   emit
   2 items    []ResourceQuota emit req

ResourceQuotaSpec
   1 hard          map[string]quantity
   2 scopes        []string            list=atomic enum=ResourceQuotaScope
   3 scopeSelector ScopeSelector?

ResourceQuotaStatus
   1 hard map[string]quantity
   2 used map[string]quantity

ScopeSelector atomic
   1 matchExpressions []ScopedResourceSelectorRequirement list=atomic

ScopedResourceSelectorRequirement
   1 scopeName string   emit req enum=ResourceQuotaScope
   2 operator  string   emit req enum=ScopeSelectorOperator
   3 values    []string list=atomic

Secret kind
   1 metadata   meta.ObjectMeta   emit
   5 immutable  bool?
   2 data       map[string]bytes
   4 stringData map[string]string
   3 type       string            enum=SecretType

SecretList kind list
   1 metadata meta.ListMeta emit
   2 items    []Secret      emit req

SecretReference atomic
   1 name      string
   2 namespace string

SerializedReference typed hidden
   1 reference ObjectReference emit

ServiceAccount kind
   1 metadata                     meta.ObjectMeta        emit
   2 secrets                      []ObjectReference      list=map(name) patch=merge(name)
   3 imagePullSecrets             []LocalObjectReference list=atomic
   4 automountServiceAccountToken bool?

ServiceAccountList kind list
   1 metadata meta.ListMeta    emit
   2 items    []ServiceAccount emit req

ServiceAccountTokenProjection
   1 audience          string
   2 expirationSeconds int64?
   3 path              string emit req
`;
