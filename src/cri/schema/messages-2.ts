// CRI runtime.v1 messages, part 2. The notation is explained in base/message-table.ts; int32 with enum= is a proto3 enum.

/** Message table of runtime.v1, part 2. */
export const CRI_MESSAGES_2 = `
HugepageLimit
   1 pageSize string
   2 limit    uint64

SELinuxOption
   1 user  string
   2 role  string
   3 type  string
   4 level string

Capability
   1 addCapabilities        []string
   2 dropCapabilities       []string
   3 addAmbientCapabilities []string

LinuxContainerSecurityContext
   1 capabilities             Capability
   2 privileged               bool
   3 namespaceOptions         NamespaceOption
   4 selinuxOptions           SELinuxOption
   5 runAsUser                Int64Value
  12 runAsGroup               Int64Value
   6 runAsUsername            string
   7 readonlyRootfs           bool
   8 supplementalGroups       []int64
  17 supplementalGroupsPolicy int32           enum=SupplementalGroupsPolicy
  11 noNewPrivs               bool
  13 maskedPaths              []string
  14 readonlyPaths            []string
  15 seccomp                  SecurityProfile
  16 apparmor                 SecurityProfile
   9 apparmorProfile          string
  10 seccompProfilePath       string

LinuxContainerConfig
   1 resources       LinuxContainerResources
   2 securityContext LinuxContainerSecurityContext

LinuxContainerUser
   1 uid                int64
   2 gid                int64
   3 supplementalGroups []int64

WindowsNamespaceOption
   1 network int32 enum=NamespaceMode

WindowsSandboxSecurityContext
   1 runAsUsername    string
   2 credentialSpec   string
   3 hostProcess      bool
   4 namespaceOptions WindowsNamespaceOption

WindowsPodSandboxConfig
   1 securityContext WindowsSandboxSecurityContext

WindowsContainerSecurityContext
   1 runAsUsername  string
   2 credentialSpec string
   3 hostProcess    bool

WindowsContainerConfig
   1 resources       WindowsContainerResources
   2 securityContext WindowsContainerSecurityContext

WindowsContainerResources
   1 cpuShares          int64
   2 cpuCount           int64
   3 cpuMaximum         int64
   4 memoryLimitInBytes int64
   5 rootfsSizeInBytes  int64
   6 affinityCpus       []WindowsCpuGroupAffinity

WindowsCpuGroupAffinity
   1 cpuMask  uint64
   2 cpuGroup uint32

ContainerMetadata
   1 name    string
   2 attempt uint32

Device
   1 containerPath string
   2 hostPath      string
   3 permissions   string

CDIDevice
   1 name string

ContainerConfig
   1 metadata    ContainerMetadata
   2 image       ImageSpec
   3 command     []string
   4 args        []string
   5 workingDir  string
   6 envs        []KeyValue
   7 mounts      []Mount
   8 devices     []Device
   9 labels      map[string]string
  10 annotations map[string]string
  11 logPath     string
  12 stdin       bool
  13 stdinOnce   bool
  14 tty         bool
  15 linux       LinuxContainerConfig
  16 windows     WindowsContainerConfig
  17 CDIDevices  []CDIDevice
  18 stopSignal  int32                  enum=Signal

CreateContainerRequest
   1 podSandboxId  string
   2 config        ContainerConfig
   3 sandboxConfig PodSandboxConfig

CreateContainerResponse
   1 containerId string

StartContainerRequest
   1 containerId string

StartContainerResponse

StopContainerRequest
   1 containerId string
   2 timeout     int64

StopContainerResponse

RemoveContainerRequest
   1 containerId string

RemoveContainerResponse

ContainerStateValue
   1 state int32 enum=ContainerState

ContainerFilter
   1 id            string
   2 state         ContainerStateValue
   3 podSandboxId  string
   4 labelSelector map[string]string

ListContainersRequest
   1 filter ContainerFilter

Container
   1 id           string
   2 podSandboxId string
   3 metadata     ContainerMetadata
   4 image        ImageSpec
   5 imageRef     string
   6 state        int32             enum=ContainerState
   7 createdAt    int64
   8 labels       map[string]string
   9 annotations  map[string]string
  10 imageId      string

ListContainersResponse
   1 containers []Container

StreamContainersRequest
   1 filter ContainerFilter

StreamContainersResponse
   1 containers []Container

ContainerStatusRequest
   1 containerId string
   2 verbose     bool

ContainerStatus
   1 id          string
   2 metadata    ContainerMetadata
   3 state       int32              enum=ContainerState
   4 createdAt   int64
   5 startedAt   int64
   6 finishedAt  int64
   7 exitCode    int32
   8 image       ImageSpec
   9 imageRef    string
  10 reason      string
  11 message     string
  12 labels      map[string]string
  13 annotations map[string]string
  14 mounts      []Mount
  15 logPath     string
  16 resources   ContainerResources
  17 imageId     string
  18 user        ContainerUser
  19 stopSignal  int32              enum=Signal

ContainerStatusResponse
   1 status ContainerStatus
   2 info   map[string]string

ContainerResources
   1 linux   LinuxContainerResources
   2 windows WindowsContainerResources

ContainerUser
   1 linux LinuxContainerUser

UpdateContainerResourcesRequest
   1 containerId string
   2 linux       LinuxContainerResources
   3 windows     WindowsContainerResources
   4 annotations map[string]string

UpdateContainerResourcesResponse

ExecSyncRequest
   1 containerId string
   2 cmd         []string
   3 timeout     int64

ExecSyncResponse
   1 stdout   bytes
   2 stderr   bytes
   3 exitCode int32

ExecRequest
   1 containerId string
   2 cmd         []string
   3 tty         bool
   4 stdin       bool
   5 stdout      bool
   6 stderr      bool

ExecResponse
   1 url string

AttachRequest
   1 containerId string
   2 stdin       bool
   3 tty         bool
   4 stdout      bool
   5 stderr      bool

AttachResponse
   1 url string

PortForwardRequest
   1 podSandboxId string
   2 port         []int32

PortForwardResponse
   1 url string

ImageFilter
   1 image ImageSpec

ListImagesRequest
   1 filter ImageFilter

Image
   1 id          string
   2 repoTags    []string
   3 repoDigests []string
   4 size        uint64
   5 uid         Int64Value
   6 username    string
   7 spec        ImageSpec
   8 pinned      bool
`;
