// resource.k8s.io/v1 messages (package io.k8s.api.resource.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.resource.v1. */
export const RESOURCE_V1 = `
enum DeviceTaintEffect = None | NoSchedule | NoExecute
enum DeviceAllocationMode = ExactCount | All
enum DeviceTolerationOperator = Exists | Equal
enum AllocationConfigSource = FromClass | FromClaim

AllocatedDeviceStatus
   1 driver      string             emit req
   2 pool        string             emit req
   3 device      string             emit req
   7 shareID     string?            gate=DRAConsumableCapacity
   4 conditions  []meta.Condition   emit list=map(type)
   5 data        raw?
   6 networkData NetworkDeviceData?

AllocationResult
   1 devices             DeviceAllocationResult emit
   3 nodeSelector        core.NodeSelector?
   5 allocationTimestamp time?                  gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus

CELDeviceSelector
   1 expression string emit req

CapacityRequestPolicy
   1 default     quantity?                   emit
   3 validValues []quantity                  list=atomic oneof=ValidRequestValues
   4 validRange  CapacityRequestPolicyRange? oneof=ValidRequestValues

CapacityRequestPolicyRange
   1 min  quantity? req
   2 max  quantity?
   3 step quantity?

CapacityRequirements
   1 requests map[string]quantity keys=QualifiedName

Counter
   1 value quantity emit req

CounterSet
   1 name     string             emit req
   2 counters map[string]Counter req

Device
   1 name                            string                                    emit req
   2 attributes                      map[string]DeviceAttribute                keys=QualifiedName
   3 capacity                        map[string]DeviceCapacity                 keys=QualifiedName
   4 consumesCounters                []DeviceCounterConsumption                list=atomic gate=DRAPartitionableDevices
   5 nodeName                        string?                                   gate=DRAPartitionableDevices oneof=DeviceNodeSelection
   6 nodeSelector                    core.NodeSelector?                        gate=DRAPartitionableDevices oneof=DeviceNodeSelection
   7 allNodes                        bool?                                     gate=DRAPartitionableDevices oneof=DeviceNodeSelection
   8 taints                          []DeviceTaint                             list=atomic gate=DRADeviceTaints
   9 bindsToNode                     bool?                                     gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  10 bindingConditions               []string                                  list=atomic gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  11 bindingFailureConditions        []string                                  list=atomic gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
  12 allowMultipleAllocations        bool?                                     gate=DRAConsumableCapacity
  13 nodeAllocatableResourceMappings map[string]NodeAllocatableResourceMapping keys=ResourceName gate=DRANodeAllocatableResources

DeviceAllocationConfiguration
   1 source   string              emit req enum=AllocationConfigSource
   2 requests []string            list=atomic
   3 *        DeviceConfiguration inline proto=deviceConfiguration

DeviceAllocationResult
   1 results []DeviceRequestAllocationResult list=atomic
   2 config  []DeviceAllocationConfiguration list=atomic

DeviceAttribute
   2 int      int64?
   3 bool     bool?
   4 string   string?
   5 version  string?
   6 ints     []int64  list=atomic gate=DRAListTypeAttributes
   7 bools    []bool   list=atomic gate=DRAListTypeAttributes
   8 strings  []string list=atomic gate=DRAListTypeAttributes
   9 versions []string list=atomic gate=DRAListTypeAttributes

DeviceCapacity
   1 value         quantity               emit req
   2 requestPolicy CapacityRequestPolicy? gate=DRAConsumableCapacity

DeviceClaim
   1 requests    []DeviceRequest            emit list=atomic
   2 constraints []DeviceConstraint         list=atomic
   3 config      []DeviceClaimConfiguration list=atomic

DeviceClaimConfiguration
   1 requests []string            list=atomic
   2 *        DeviceConfiguration inline proto=deviceConfiguration

DeviceClass kind
   1 metadata meta.ObjectMeta emit
   2 spec     DeviceClassSpec emit req

DeviceClassConfiguration
   1 * DeviceConfiguration inline proto=deviceConfiguration

DeviceClassList kind list
   1 metadata meta.ListMeta emit
   2 items    []DeviceClass emit req

DeviceClassSpec
   1 selectors            []DeviceSelector           list=atomic
   2 config               []DeviceClassConfiguration list=atomic
   4 extendedResourceName string?                    gate=DRAExtendedResource

DeviceConfiguration hidden
   1 opaque OpaqueDeviceConfiguration? oneof=ConfigurationType

DeviceConstraint
   1 requests          []string list=atomic
   2 matchAttribute    string?  oneof=ConstraintType
   3 distinctAttribute string?  gate=DRAConsumableCapacity oneof=ConstraintType

DeviceCounterConsumption
   1 counterSet string             emit req
   2 counters   map[string]Counter req

DeviceRequest
   1 name           string              emit req
   2 exactly        ExactDeviceRequest? oneof=deviceRequestType
   3 firstAvailable []DeviceSubRequest  list=atomic gate=DRAPrioritizedList oneof=deviceRequestType

DeviceRequestAllocationResult
   1 request                  string              emit req
   2 driver                   string              emit req
   3 pool                     string              emit req
   4 device                   string              emit req
   5 adminAccess              bool?               gate=DRAAdminAccess
   6 tolerations              []DeviceToleration  list=atomic gate=DRADeviceTaints
   7 bindingConditions        []string            list=atomic gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
   8 bindingFailureConditions []string            list=atomic gate=DRADeviceBindingConditions,DRAResourceClaimDeviceStatus
   9 shareID                  string?             gate=DRAConsumableCapacity
  10 consumedCapacity         map[string]quantity keys=QualifiedName gate=DRAConsumableCapacity

DeviceSelector
   1 cel CELDeviceSelector? oneof=SelectorType

DeviceSubRequest
   1 name            string                emit req
   2 deviceClassName string                emit req
   3 selectors       []DeviceSelector      list=atomic
   4 allocationMode  string                enum=DeviceAllocationMode
   5 count           int64                 oneof=AllocationMode
   6 tolerations     []DeviceToleration    list=atomic gate=DRADeviceTaints
   7 capacity        CapacityRequirements? gate=DRAConsumableCapacity

DeviceTaint
   1 key       string emit req
   2 value     string
   3 effect    string emit req enum=DeviceTaintEffect
   4 timeAdded time?

DeviceToleration
   1 key               string
   2 operator          string default="Equal" enum=DeviceTolerationOperator
   3 value             string
   4 effect            string enum=DeviceTaintEffect
   5 tolerationSeconds int64?

ExactDeviceRequest
   1 deviceClassName string                emit req
   2 selectors       []DeviceSelector      list=atomic
   3 allocationMode  string                enum=DeviceAllocationMode
   4 count           int64                 oneof=AllocationMode
   5 adminAccess     bool?                 gate=DRAAdminAccess
   6 tolerations     []DeviceToleration    list=atomic gate=DRADeviceTaints
   7 capacity        CapacityRequirements? gate=DRAConsumableCapacity

NetworkDeviceData
   1 interfaceName   string
   2 ips             []string list=atomic
   3 hardwareAddress string

NodeAllocatableResourceMapping
   1 capacityKey          string?
   2 allocationMultiplier quantity?

OpaqueDeviceConfiguration
   1 driver     string emit req
   2 parameters raw    emit req

ResourceClaim kind
   1 metadata meta.ObjectMeta     emit
   2 spec     ResourceClaimSpec   emit req
   3 status   ResourceClaimStatus emit

ResourceClaimConsumerReference
   1 apiGroup string
   3 resource string emit req
   4 name     string emit req
   5 uid      string emit req

ResourceClaimList kind list
   1 metadata meta.ListMeta   emit
   2 items    []ResourceClaim emit req

ResourceClaimSpec
   1 devices DeviceClaim emit

ResourceClaimStatus
   1 allocation  AllocationResult?
   2 reservedFor []ResourceClaimConsumerReference list=map(uid) patch=merge(uid)
   4 devices     []AllocatedDeviceStatus          list=map(driver,device,pool,shareID) gate=DRAResourceClaimDeviceStatus

ResourceClaimTemplate kind
   1 metadata meta.ObjectMeta           emit
   2 spec     ResourceClaimTemplateSpec emit req

ResourceClaimTemplateList kind list
   1 metadata meta.ListMeta           emit
   2 items    []ResourceClaimTemplate emit req

ResourceClaimTemplateSpec
   1 metadata meta.ObjectMeta   emit
   2 spec     ResourceClaimSpec emit req

ResourcePool
   1 name               string emit req
   2 generation         int64  emit req
   3 resourceSliceCount int64  emit req

ResourceSlice kind
   1 metadata meta.ObjectMeta   emit
   2 spec     ResourceSliceSpec emit req

ResourceSliceList kind list
   1 metadata meta.ListMeta   emit
   2 items    []ResourceSlice emit req

ResourceSliceSpec
   1 driver                 string             emit req
   2 pool                   ResourcePool       emit req
   3 nodeName               string?            oneof=NodeSelection
   4 nodeSelector           core.NodeSelector? oneof=NodeSelection
   5 allNodes               bool?              oneof=NodeSelection
   6 devices                []Device           list=atomic union=zeroOrOneOf=ResourceSliceType
   7 perDeviceNodeSelection bool?              gate=DRAPartitionableDevices oneof=NodeSelection
   8 sharedCounters         []CounterSet       list=atomic gate=DRAPartitionableDevices union=zeroOrOneOf=ResourceSliceType
`;
