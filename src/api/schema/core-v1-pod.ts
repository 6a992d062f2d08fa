// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: pod. */
export const CORE_V1_POD = `
enum PreemptionPolicy = PreemptLowerPriority | Never
open enum ConditionStatus = True | False | Unknown
enum PodPhase = Pending | Running | Succeeded | Failed | Unknown
open enum PodConditionType = ContainersReady | Initialized | Ready | PodScheduled | DisruptionTarget | PodReadyToStartContainers | PodResizePending | PodResizeInProgress | AllContainersRestarting
open enum PodResizeStatus = InProgress | Deferred | Infeasible
enum RestartPolicy = Always | OnFailure | Never
enum DNSPolicy = ClusterFirstWithHostNet | ClusterFirst | Default | None
enum NodeSelectorOperator = In | NotIn | Exists | DoesNotExist | Gt | Lt
enum TaintEffect = NoSchedule | PreferNoSchedule | NoExecute
enum TolerationOperator = Exists | Equal | Lt | Gt
open enum OSName = linux | windows
enum UnsatisfiableConstraintAction = DoNotSchedule | ScheduleAnyway
enum NodeInclusionPolicy = Ignore | Honor
enum PodFSGroupChangePolicy = OnRootMismatch | Always
enum SupplementalGroupsPolicy = Merge | Strict
open enum PodSELinuxChangePolicy = Recursive | MountOption
enum PodQOSClass = Guaranteed | Burstable | BestEffort

Affinity
   1 nodeAffinity    NodeAffinity?
   2 podAffinity     PodAffinity?
   3 podAntiAffinity PodAntiAffinity?

ClusterTrustBundleProjection
   1 name          string?
   2 signerName    string?
   3 labelSelector meta.LabelSelector?
   5 optional      bool?
   4 path          string              emit req

ConfigMapProjection
   1 *        LocalObjectReference inline proto=localObjectReference
   2 items    []KeyToPath          list=atomic
   4 optional bool?

HostAlias
   1 ip        string   emit req
   2 hostnames []string list=atomic

HostIP
   1 ip string emit req

NodeAffinity
   1 requiredDuringSchedulingIgnoredDuringExecution  NodeSelector?
   2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm list=atomic

NodeSelector atomic
   1 nodeSelectorTerms []NodeSelectorTerm emit req list=atomic

NodeSelectorRequirement
   1 key      string   emit req
   2 operator string   emit req enum=NodeSelectorOperator
   3 values   []string list=atomic

NodeSelectorTerm atomic
   1 matchExpressions []NodeSelectorRequirement list=atomic
   2 matchFields      []NodeSelectorRequirement list=atomic

Pod kind
   1 metadata meta.ObjectMeta emit
   2 spec     PodSpec         emit
   3 status   PodStatus       emit

PodAffinity
   1 requiredDuringSchedulingIgnoredDuringExecution  []PodAffinityTerm         list=atomic
   2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm list=atomic

PodAffinityTerm
   1 labelSelector     meta.LabelSelector?
   2 namespaces        []string            list=atomic
   3 topologyKey       string              emit req
   4 namespaceSelector meta.LabelSelector?
   5 matchLabelKeys    []string            list=atomic
   6 mismatchLabelKeys []string            list=atomic

PodAntiAffinity
   1 requiredDuringSchedulingIgnoredDuringExecution  []PodAffinityTerm         list=atomic
   2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm list=atomic

PodAttachOptions typed hidden
   1 stdin     bool
   2 stdout    bool
   3 stderr    bool
   4 tty       bool
   5 container string

PodCertificateProjection
   1 signerName           string            req
   2 keyType              string            req
   3 maxExpirationSeconds int32?
   4 credentialBundlePath string
   5 keyPath              string
   6 certificateChainPath string
   7 userAnnotations      map[string]string

PodCondition
   1 type               string emit req enum=PodConditionType
   7 observedGeneration int64
   2 status             string emit req enum=ConditionStatus
   3 lastProbeTime      time   emit
   4 lastTransitionTime time   emit
   5 reason             string
   6 message            string

PodDNSConfig
   1 nameservers []string             list=atomic
   2 searches    []string             list=atomic
   3 options     []PodDNSConfigOption list=atomic

PodDNSConfigOption
   1 name  string
   2 value string?

PodExecOptions typed hidden
   1 stdin     bool
   2 stdout    bool
   3 stderr    bool
   4 tty       bool
   5 container string
   6 command   []string emit req list=atomic

PodExtendedResourceClaimStatus
   1 requestMappings   []ContainerExtendedResourceRequest emit req list=atomic
   2 resourceClaimName string                             emit req

PodIP
   1 ip string emit req

PodList kind list
   1 metadata meta.ListMeta emit
   2 items    []Pod         emit req

PodLogOptions typed hidden
   1 container                    string
   2 follow                       bool
   3 previous                     bool
   4 sinceSeconds                 int64?
   5 sinceTime                    time?
   6 timestamps                   bool
   7 tailLines                    int64?
   8 limitBytes                   int64?
   9 insecureSkipTLSVerifyBackend bool
  10 stream                       string? gate=PodLogsQuerySplitStreams

PodOS
   1 name string emit req enum=OSName

PodPortForwardOptions typed hidden
   1 ports []int32 list=atomic

PodProxyOptions typed hidden
   1 path string

PodReadinessGate
   1 conditionType string emit req enum=PodConditionType

PodResourceClaim
   1 name                      string  emit req
   3 resourceClaimName         string?
   4 resourceClaimTemplateName string?

PodResourceClaimStatus
   1 name              string  emit req
   2 resourceClaimName string?

PodSchedulingGate
   1 name string emit req

PodSchedulingGroup union=(podGroupName)
   1 podGroupName string? oneof=GroupSelection

PodSecurityContext
   1 seLinuxOptions           SELinuxOptions?
   8 windowsOptions           WindowsSecurityContextOptions?
   2 runAsUser                int64?
   6 runAsGroup               int64?
   3 runAsNonRoot             bool?
   4 supplementalGroups       []int64                        list=atomic
  12 supplementalGroupsPolicy string?                        enum=SupplementalGroupsPolicy gate=SupplementalGroupsPolicy
   5 fsGroup                  int64?
   7 sysctls                  []Sysctl                       list=atomic
   9 fsGroupChangePolicy      string?                        enum=PodFSGroupChangePolicy
  10 seccompProfile           SeccompProfile?
  11 appArmorProfile          AppArmorProfile?
  13 seLinuxChangePolicy      string?                        enum=PodSELinuxChangePolicy gate=SELinuxChangePolicy

PodSpec
   1 volumes                       []Volume                   list=map(name) patch=merge,retainKeys(name)
  20 initContainers                []Container                list=map(name) patch=merge(name)
   2 containers                    []Container                emit req list=map(name) patch=merge(name)
  34 ephemeralContainers           []EphemeralContainer       list=map(name) patch=merge(name)
   3 restartPolicy                 string                     enum=RestartPolicy
   4 terminationGracePeriodSeconds int64?
   5 activeDeadlineSeconds         int64?
   6 dnsPolicy                     string                     enum=DNSPolicy
   7 nodeSelector                  map[string]string          map=atomic
   8 serviceAccountName            string
   9 serviceAccount                string
  21 automountServiceAccountToken  bool?
  10 nodeName                      string
  11 hostNetwork                   bool
  12 hostPID                       bool
  13 hostIPC                       bool
  27 shareProcessNamespace         bool?
  14 securityContext               PodSecurityContext?
  15 imagePullSecrets              []LocalObjectReference     list=map(name) patch=merge(name)
  16 hostname                      string
  17 subdomain                     string
  18 affinity                      Affinity?
  19 schedulerName                 string
  22 tolerations                   []Toleration               list=atomic
  23 hostAliases                   []HostAlias                list=map(ip) patch=merge(ip)
  24 priorityClassName             string
  25 priority                      int32?
  26 dnsConfig                     PodDNSConfig?
  28 readinessGates                []PodReadinessGate         list=atomic
  29 runtimeClassName              string?
  30 enableServiceLinks            bool?
  31 preemptionPolicy              string?                    enum=PreemptionPolicy
  32 overhead                      map[string]quantity
  33 topologySpreadConstraints     []TopologySpreadConstraint list=map(topologyKey,whenUnsatisfiable) patch=merge(topologyKey)
  35 setHostnameAsFQDN             bool?
  36 os                            PodOS?
  37 hostUsers                     bool?
  38 schedulingGates               []PodSchedulingGate        list=map(name) patch=merge(name)
  39 resourceClaims                []PodResourceClaim         list=map(name) patch=merge,retainKeys(name) gate=DynamicResourceAllocation
  40 resources                     ResourceRequirements?      gate=PodLevelResources
  41 hostnameOverride              string?                    gate=HostnameOverride
  43 schedulingGroup               PodSchedulingGroup?        gate=GenericWorkload

PodStatus
  17 observedGeneration                   int64
   1 phase                                string                               enum=PodPhase
   2 conditions                           []PodCondition                       list=map(type) patch=merge(type)
   3 message                              string
   4 reason                               string
  11 nominatedNodeName                    string
   5 hostIP                               string
  16 hostIPs                              []HostIP                             list=atomic patch=merge(ip)
   6 podIP                                string
  12 podIPs                               []PodIP                              list=map(ip) patch=merge(ip)
   7 startTime                            time?
  10 initContainerStatuses                []ContainerStatus                    list=atomic
   8 containerStatuses                    []ContainerStatus                    list=atomic
   9 qosClass                             string                               enum=PodQOSClass
  13 ephemeralContainerStatuses           []ContainerStatus                    list=atomic
  14 resize                               string                               enum=PodResizeStatus gate=InPlacePodVerticalScaling
  15 resourceClaimStatuses                []PodResourceClaimStatus             list=map(name) patch=merge,retainKeys(name) gate=DynamicResourceAllocation
  18 extendedResourceClaimStatus          PodExtendedResourceClaimStatus?      gate=DRAExtendedResource
  19 allocatedResources                   map[string]quantity                  gate=InPlacePodLevelResourcesVerticalScaling
  20 resources                            ResourceRequirements?                gate=InPlacePodLevelResourcesVerticalScaling
  21 nodeAllocatableResourceClaimStatuses []NodeAllocatableResourceClaimStatus list=atomic gate=DRANodeAllocatableResources

PodStatusResult typed hidden
   1 metadata meta.ObjectMeta emit
   2 status   PodStatus       emit

PodTemplate kind
   1 metadata meta.ObjectMeta emit
   2 template PodTemplateSpec emit

PodTemplateList kind list
   1 metadata meta.ListMeta emit
   2 items    []PodTemplate emit req

PodTemplateSpec
   1 metadata meta.ObjectMeta emit
   2 spec     PodSpec         emit

PreferredSchedulingTerm
   1 weight     int32            emit req
   2 preference NodeSelectorTerm emit req

SecretProjection
   1 *        LocalObjectReference inline proto=localObjectReference
   2 items    []KeyToPath          list=atomic
   4 optional bool?

Toleration
   1 key               string
   2 operator          string enum=TolerationOperator
   3 value             string
   4 effect            string enum=TaintEffect
   5 tolerationSeconds int64?

TopologySpreadConstraint
   1 maxSkew            int32               emit req
   2 topologyKey        string              emit req
   3 whenUnsatisfiable  string              emit req enum=UnsatisfiableConstraintAction
   4 labelSelector      meta.LabelSelector?
   5 minDomains         int32?
   6 nodeAffinityPolicy string?             enum=NodeInclusionPolicy
   7 nodeTaintsPolicy   string?             enum=NodeInclusionPolicy
   8 matchLabelKeys     []string            list=atomic

WeightedPodAffinityTerm
   1 weight          int32           emit req
   2 podAffinityTerm PodAffinityTerm emit req
`;
