// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: node. */
export const CORE_V1_NODE = `
enum NodePhase = Pending | Running | Terminated
open enum NodeConditionType = Ready | MemoryPressure | DiskPressure | PIDPressure | NetworkUnavailable
open enum NodeAddressType = Hostname | InternalIP | ExternalIP | InternalDNS | ExternalDNS

AvoidPods hidden
   1 preferAvoidPods []PreferAvoidPodsEntry list=atomic

ContainerImage
   1 names     []string emit list=atomic
   2 sizeBytes int64

DaemonEndpoint
   1 Port int32 emit req

Node kind
   1 metadata meta.ObjectMeta emit
   2 spec     NodeSpec        emit
   3 status   NodeStatus      emit

NodeAddress
   1 type    string emit req enum=NodeAddressType
   2 address string emit req

NodeAllocatableResourceClaimStatus
   1 resourceClaimName string              emit req
   2 containers        []string            list=set
   3 resources         map[string]quantity emit req keys=ResourceName

NodeCondition
   1 type               string emit req enum=NodeConditionType
   2 status             string emit req enum=ConditionStatus
   3 lastHeartbeatTime  time   emit
   4 lastTransitionTime time   emit
   5 reason             string
   6 message            string

NodeConfigSource
   2 configMap ConfigMapNodeConfigSource?

NodeConfigStatus
   1 assigned      NodeConfigSource?
   2 active        NodeConfigSource?
   3 lastKnownGood NodeConfigSource?
   4 error         string

NodeDaemonEndpoints
   1 kubeletEndpoint DaemonEndpoint emit

NodeFeatures
   1 supplementalGroupsPolicy bool?

NodeList kind list
   1 metadata meta.ListMeta emit
   2 items    []Node        emit req

NodeProxyOptions typed hidden
   1 path string

NodeRuntimeHandler
   1 name     string                      emit
   2 features NodeRuntimeHandlerFeatures?

NodeRuntimeHandlerFeatures
   1 recursiveReadOnlyMounts bool?
   2 userNamespaces          bool?

NodeSpec
   1 podCIDR       string
   7 podCIDRs      []string          list=set patch=merge
   3 providerID    string
   4 unschedulable bool
   5 taints        []Taint           list=atomic
   6 configSource  NodeConfigSource?
   2 externalID    string

NodeStatus
   1 capacity         map[string]quantity
   2 allocatable      map[string]quantity
   3 phase            string               enum=NodePhase
   4 conditions       []NodeCondition      list=map(type) patch=merge(type)
   5 addresses        []NodeAddress        list=map(type) patch=merge(type)
   6 daemonEndpoints  NodeDaemonEndpoints  emit
   7 nodeInfo         NodeSystemInfo       emit
   8 images           []ContainerImage     list=atomic
   9 volumesInUse     []string             list=atomic
  10 volumesAttached  []AttachedVolume     list=atomic
  11 config           NodeConfigStatus?
  12 runtimeHandlers  []NodeRuntimeHandler list=atomic
  13 features         NodeFeatures?        gate=SupplementalGroupsPolicy
  14 declaredFeatures []string             list=atomic gate=NodeDeclaredFeatures

NodeSwapStatus
   1 capacity int64?

NodeSystemInfo
   1 machineID               string          emit req
   2 systemUUID              string          emit req
   3 bootID                  string          emit req
   4 kernelVersion           string          emit req
   5 osImage                 string          emit req
   6 containerRuntimeVersion string          emit req
   7 kubeletVersion          string          emit req
   8 kubeProxyVersion        string          emit req
   9 operatingSystem         string          emit req
  10 architecture            string          emit req
  11 swap                    NodeSwapStatus?

PodSignature hidden
   1 podController meta.OwnerReference?

PreferAvoidPodsEntry hidden
   1 podSignature PodSignature emit req
   2 evictionTime time         emit
   3 reason       string
   4 message      string

Taint
   1 key       string emit req
   2 value     string
   3 effect    string emit req enum=TaintEffect
   4 timeAdded time?
`;
