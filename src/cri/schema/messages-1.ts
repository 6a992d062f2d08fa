// CRI runtime.v1 messages, part 1. The notation is explained in base/message-table.ts; int32 with enum= is a proto3 enum.

/** Message table of runtime.v1, part 1. */
export const CRI_MESSAGES_1 = `
enum Protocol = TCP:0 | UDP:1 | SCTP:2
enum MountPropagation = PROPAGATION_PRIVATE:0 | PROPAGATION_HOST_TO_CONTAINER:1 | PROPAGATION_BIDIRECTIONAL:2
enum NamespaceMode = POD:0 | CONTAINER:1 | NODE:2 | TARGET:3
enum SupplementalGroupsPolicy = Merge:0 | Strict:1
enum SecurityProfileProfileType = RuntimeDefault:0 | Unconfined:1 | Localhost:2
enum PodSandboxState = SANDBOX_READY:0 | SANDBOX_NOTREADY:1
enum Signal = RUNTIME_DEFAULT:0 | SIGABRT:1 | SIGALRM:2 | SIGBUS:3 | SIGCHLD:4 | SIGCLD:5 | SIGCONT:6 | SIGFPE:7 | SIGHUP:8 | SIGILL:9 | SIGINT:10 | SIGIO:11 | SIGIOT:12 | SIGKILL:13 | SIGPIPE:14 | SIGPOLL:15 | SIGPROF:16 | SIGPWR:17 | SIGQUIT:18 | SIGSEGV:19 | SIGSTKFLT:20 | SIGSTOP:21 | SIGSYS:22 | SIGTERM:23 | SIGTRAP:24 | SIGTSTP:25 | SIGTTIN:26 | SIGTTOU:27 | SIGURG:28 | SIGUSR1:29 | SIGUSR2:30 | SIGVTALRM:31 | SIGWINCH:32 | SIGXCPU:33 | SIGXFSZ:34 | SIGRTMIN:35 | SIGRTMINPLUS1:36 | SIGRTMINPLUS2:37 | SIGRTMINPLUS3:38 | SIGRTMINPLUS4:39 | SIGRTMINPLUS5:40 | SIGRTMINPLUS6:41 | SIGRTMINPLUS7:42 | SIGRTMINPLUS8:43 | SIGRTMINPLUS9:44 | SIGRTMINPLUS10:45 | SIGRTMINPLUS11:46 | SIGRTMINPLUS12:47 | SIGRTMINPLUS13:48 | SIGRTMINPLUS14:49 | SIGRTMINPLUS15:50 | SIGRTMAXMINUS14:51 | SIGRTMAXMINUS13:52 | SIGRTMAXMINUS12:53 | SIGRTMAXMINUS11:54 | SIGRTMAXMINUS10:55 | SIGRTMAXMINUS9:56 | SIGRTMAXMINUS8:57 | SIGRTMAXMINUS7:58 | SIGRTMAXMINUS6:59 | SIGRTMAXMINUS5:60 | SIGRTMAXMINUS4:61 | SIGRTMAXMINUS3:62 | SIGRTMAXMINUS2:63 | SIGRTMAXMINUS1:64 | SIGRTMAX:65
enum ContainerState = CONTAINER_CREATED:0 | CONTAINER_RUNNING:1 | CONTAINER_EXITED:2 | CONTAINER_UNKNOWN:3
enum ContainerEventType = CONTAINER_CREATED_EVENT:0 | CONTAINER_STARTED_EVENT:1 | CONTAINER_STOPPED_EVENT:2 | CONTAINER_DELETED_EVENT:3
enum MetricType = COUNTER:0 | GAUGE:1
enum CgroupDriver = SYSTEMD:0 | CGROUPFS:1

VersionRequest
   1 version string

VersionResponse
   1 version           string
   2 runtimeName       string
   3 runtimeVersion    string
   4 runtimeApiVersion string

DNSConfig
   1 servers  []string
   2 searches []string
   3 options  []string

PortMapping
   1 protocol      int32  enum=Protocol
   2 containerPort int32
   3 hostPort      int32
   4 hostIp        string

Mount
   1 containerPath     string
   2 hostPath          string
   3 readonly          bool
   4 selinuxRelabel    bool
   5 propagation       int32       enum=MountPropagation
   6 uidMappings       []IDMapping
   7 gidMappings       []IDMapping
   8 recursiveReadOnly bool
   9 image             ImageSpec
  10 imageSubPath      string

IDMapping
   1 hostId      uint32
   2 containerId uint32
   3 length      uint32

UserNamespace
   1 mode int32       enum=NamespaceMode
   2 uids []IDMapping
   3 gids []IDMapping

NamespaceOption
   1 network       int32         enum=NamespaceMode
   2 pid           int32         enum=NamespaceMode
   3 ipc           int32         enum=NamespaceMode
   4 targetId      string
   5 usernsOptions UserNamespace

Int64Value
   1 value int64

LinuxSandboxSecurityContext
   1 namespaceOptions         NamespaceOption
   2 selinuxOptions           SELinuxOption
   3 runAsUser                Int64Value
   8 runAsGroup               Int64Value
   4 readonlyRootfs           bool
   5 supplementalGroups       []int64
  11 supplementalGroupsPolicy int32           enum=SupplementalGroupsPolicy
   6 privileged               bool
   9 seccomp                  SecurityProfile
  10 apparmor                 SecurityProfile
   7 seccompProfilePath       string

SecurityProfile
   1 profileType  int32  enum=SecurityProfileProfileType
   2 localhostRef string

LinuxPodSandboxConfig
   1 cgroupParent    string
   2 securityContext LinuxSandboxSecurityContext
   3 sysctls         map[string]string
   4 overhead        LinuxContainerResources
   5 resources       LinuxContainerResources

PodSandboxMetadata
   1 name      string
   2 uid       string
   3 namespace string
   4 attempt   uint32

PodSandboxConfig
   1 metadata     PodSandboxMetadata
   2 hostname     string
   3 logDirectory string
   4 dnsConfig    DNSConfig
   5 portMappings []PortMapping
   6 labels       map[string]string
   7 annotations  map[string]string
   8 linux        LinuxPodSandboxConfig
   9 windows      WindowsPodSandboxConfig

RunPodSandboxRequest
   1 config         PodSandboxConfig
   2 runtimeHandler string

RunPodSandboxResponse
   1 podSandboxId string

StopPodSandboxRequest
   1 podSandboxId string

StopPodSandboxResponse

RemovePodSandboxRequest
   1 podSandboxId string

RemovePodSandboxResponse

PodSandboxStatusRequest
   1 podSandboxId string
   2 verbose      bool

PodIP
   1 ip string

PodSandboxNetworkStatus
   1 ip            string
   2 additionalIps []PodIP

Namespace
   2 options NamespaceOption

LinuxPodSandboxStatus
   1 namespaces Namespace

PodSandboxStatus
   1 id             string
   2 metadata       PodSandboxMetadata
   3 state          int32                   enum=PodSandboxState
   4 createdAt      int64
   5 network        PodSandboxNetworkStatus
   6 linux          LinuxPodSandboxStatus
   7 labels         map[string]string
   8 annotations    map[string]string
   9 runtimeHandler string

PodSandboxStatusResponse
   1 status             PodSandboxStatus
   2 info               map[string]string
   3 containersStatuses []ContainerStatus
   4 timestamp          int64

PodSandboxStateValue
   1 state int32 enum=PodSandboxState

PodSandboxFilter
   1 id            string
   2 state         PodSandboxStateValue
   3 labelSelector map[string]string

ListPodSandboxRequest
   1 filter PodSandboxFilter

PodSandbox
   1 id             string
   2 metadata       PodSandboxMetadata
   3 state          int32              enum=PodSandboxState
   4 createdAt      int64
   5 labels         map[string]string
   6 annotations    map[string]string
   7 runtimeHandler string

ListPodSandboxResponse
   1 items []PodSandbox

StreamPodSandboxesRequest
   1 filter PodSandboxFilter

StreamPodSandboxesResponse
   1 podSandboxes []PodSandbox

PodSandboxStatsRequest
   1 podSandboxId string

PodSandboxStatsResponse
   1 stats PodSandboxStats

PodSandboxStatsFilter
   1 id            string
   2 labelSelector map[string]string

ListPodSandboxStatsRequest
   1 filter PodSandboxStatsFilter

ListPodSandboxStatsResponse
   1 stats []PodSandboxStats

StreamPodSandboxStatsRequest
   1 filter PodSandboxStatsFilter

StreamPodSandboxStatsResponse
   1 podSandboxStats []PodSandboxStats

PodSandboxAttributes
   1 id          string
   2 metadata    PodSandboxMetadata
   3 labels      map[string]string
   4 annotations map[string]string

PodSandboxStats
   1 attributes PodSandboxAttributes
   2 linux      LinuxPodSandboxStats
   3 windows    WindowsPodSandboxStats

LinuxPodSandboxStats
   1 cpu        CpuUsage
   2 memory     MemoryUsage
   3 network    NetworkUsage
   4 process    ProcessUsage
   5 containers []ContainerStats
   6 io         IoUsage

WindowsPodSandboxStats
   1 cpu        WindowsCpuUsage
   2 memory     WindowsMemoryUsage
   3 network    WindowsNetworkUsage
   4 process    WindowsProcessUsage
   5 containers []WindowsContainerStats

NetworkUsage
   1 timestamp        int64
   2 defaultInterface NetworkInterfaceUsage
   3 interfaces       []NetworkInterfaceUsage

WindowsNetworkUsage
   1 timestamp        int64
   2 defaultInterface WindowsNetworkInterfaceUsage
   3 interfaces       []WindowsNetworkInterfaceUsage

NetworkInterfaceUsage
   1 name     string
   2 rxBytes  UInt64Value
   3 rxErrors UInt64Value
   4 txBytes  UInt64Value
   5 txErrors UInt64Value

WindowsNetworkInterfaceUsage
   1 name             string
   2 rxBytes          UInt64Value
   3 rxPacketsDropped UInt64Value
   4 txBytes          UInt64Value
   5 txPacketsDropped UInt64Value

ProcessUsage
   1 timestamp    int64
   2 processCount UInt64Value

WindowsProcessUsage
   1 timestamp    int64
   2 processCount UInt64Value

ImageSpec
   1 image              string
   2 annotations        map[string]string
  18 userSpecifiedImage string
  19 runtimeHandler     string
  20 imageRef           string

KeyValue
   1 key   string
   2 value bytes

LinuxContainerResources
   1 cpuPeriod              int64
   2 cpuQuota               int64
   3 cpuShares              int64
   4 memoryLimitInBytes     int64
   5 oomScoreAdj            int64
   6 cpusetCpus             string
   7 cpusetMems             string
   8 hugepageLimits         []HugepageLimit
   9 unified                map[string]string
  10 memorySwapLimitInBytes int64
`;
