// CRI runtime.v1 messages, part 3. The notation is explained in base/message-table.ts; int32 with enum= is a proto3 enum.

/** Message table of runtime.v1, part 3. */
export const CRI_MESSAGES_3 = `
ListImagesResponse
   1 images []Image

StreamImagesRequest
   1 filter ImageFilter

StreamImagesResponse
   1 images []Image

ImageStatusRequest
   1 image   ImageSpec
   2 verbose bool

ImageStatusResponse
   1 image Image
   2 info  map[string]string

AuthConfig
   1 username      string
   2 password      string
   3 auth          string
   4 serverAddress string
   5 identityToken string
   6 registryToken string

PullImageRequest
   1 image         ImageSpec
   2 auth          AuthConfig
   3 sandboxConfig PodSandboxConfig

PullImageResponse
   1 imageRef string

RemoveImageRequest
   1 image ImageSpec

RemoveImageResponse

NetworkConfig
   1 podCidr string

RuntimeConfig
   1 networkConfig NetworkConfig

UpdateRuntimeConfigRequest
   1 runtimeConfig RuntimeConfig

UpdateRuntimeConfigResponse

RuntimeCondition
   1 type    string
   2 status  bool
   3 reason  string
   4 message string

RuntimeStatus
   1 conditions []RuntimeCondition

StatusRequest
   1 verbose bool

RuntimeHandlerFeatures
   1 recursiveReadOnlyMounts bool
   2 userNamespaces          bool

RuntimeHandler
   1 name     string
   2 features RuntimeHandlerFeatures

RuntimeFeatures
   1 supplementalGroupsPolicy  bool
   2 userNamespacesHostNetwork bool

StatusResponse
   1 status          RuntimeStatus
   2 info            map[string]string
   3 runtimeHandlers []RuntimeHandler
   4 features        RuntimeFeatures

ImageFsInfoRequest

UInt64Value
   1 value uint64

FilesystemIdentifier
   1 mountpoint string

FilesystemUsage
   1 timestamp  int64
   2 fsId       FilesystemIdentifier
   3 usedBytes  UInt64Value
   4 inodesUsed UInt64Value

WindowsFilesystemUsage
   1 timestamp int64
   2 fsId      FilesystemIdentifier
   3 usedBytes UInt64Value

ImageFsInfoResponse
   1 imageFilesystems     []FilesystemUsage
   2 containerFilesystems []FilesystemUsage

ContainerStatsRequest
   1 containerId string

ContainerStatsResponse
   1 stats ContainerStats

ListContainerStatsRequest
   1 filter ContainerStatsFilter

ContainerStatsFilter
   1 id            string
   2 podSandboxId  string
   3 labelSelector map[string]string

ListContainerStatsResponse
   1 stats []ContainerStats

StreamContainerStatsRequest
   1 filter ContainerStatsFilter

StreamContainerStatsResponse
   1 containerStats []ContainerStats

ContainerAttributes
   1 id          string
   2 metadata    ContainerMetadata
   3 labels      map[string]string
   4 annotations map[string]string

ContainerStats
   1 attributes    ContainerAttributes
   2 cpu           CpuUsage
   3 memory        MemoryUsage
   4 writableLayer FilesystemUsage
   5 swap          SwapUsage
   6 io            IoUsage

WindowsContainerStats
   1 attributes    ContainerAttributes
   2 cpu           WindowsCpuUsage
   3 memory        WindowsMemoryUsage
   4 writableLayer WindowsFilesystemUsage

PsiStats
   1 Full PsiData
   2 Some PsiData

PsiData
   1 Total  uint64
   2 Avg10  double
   3 Avg60  double
   4 Avg300 double

CpuUsage
   1 timestamp            int64
   2 usageCoreNanoSeconds UInt64Value
   3 usageNanoCores       UInt64Value
   4 psi                  PsiStats

WindowsCpuUsage
   1 timestamp            int64
   2 usageCoreNanoSeconds UInt64Value
   3 usageNanoCores       UInt64Value

MemoryUsage
   1 timestamp       int64
   2 workingSetBytes UInt64Value
   3 availableBytes  UInt64Value
   4 usageBytes      UInt64Value
   5 rssBytes        UInt64Value
   6 pageFaults      UInt64Value
   7 majorPageFaults UInt64Value
   8 psi             PsiStats

IoUsage
   1 timestamp int64
   2 psi       PsiStats

SwapUsage
   1 timestamp          int64
   2 swapAvailableBytes UInt64Value
   3 swapUsageBytes     UInt64Value

WindowsMemoryUsage
   1 timestamp         int64
   2 workingSetBytes   UInt64Value
   3 availableBytes    UInt64Value
   4 pageFaults        UInt64Value
   5 commitMemoryBytes UInt64Value

ReopenContainerLogRequest
   1 containerId string

ReopenContainerLogResponse

CheckpointContainerRequest
   1 containerId string
   2 location    string
   3 timeout     int64

CheckpointContainerResponse

GetEventsRequest

ContainerEventResponse
   1 containerId        string
   2 containerEventType int32             enum=ContainerEventType
   3 createdAt          int64
   4 podSandboxStatus   PodSandboxStatus
   5 containersStatuses []ContainerStatus

ListMetricDescriptorsRequest

ListMetricDescriptorsResponse
   1 descriptors []MetricDescriptor

MetricDescriptor
   1 name      string
   2 help      string
   3 labelKeys []string

ListPodSandboxMetricsRequest

ListPodSandboxMetricsResponse
   1 podMetrics []PodSandboxMetrics

StreamPodSandboxMetricsRequest

StreamPodSandboxMetricsResponse
   1 podSandboxMetrics []PodSandboxMetrics

PodSandboxMetrics
   1 podSandboxId     string
   2 metrics          []Metric
   3 containerMetrics []ContainerMetrics

ContainerMetrics
   1 containerId string
   2 metrics     []Metric

Metric
   1 name        string
   2 timestamp   int64
   3 metricType  int32       enum=MetricType
   4 labelValues []string
   5 value       UInt64Value

RuntimeConfigRequest

RuntimeConfigResponse
   1 linux LinuxRuntimeConfiguration

LinuxRuntimeConfiguration
   1 cgroupDriver int32 enum=CgroupDriver

UpdatePodSandboxResourcesRequest
   1 podSandboxId string
   2 overhead     LinuxContainerResources
   3 resources    LinuxContainerResources

UpdatePodSandboxResourcesResponse
`;
