// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: container. */
export const CORE_V1_CONTAINER = `
enum Protocol = TCP | UDP | SCTP
enum URIScheme = HTTP | HTTPS
enum PullPolicy = Always | Never | IfNotPresent
open enum ResourceResizeRestartPolicy = NotRequired | RestartContainer
enum TerminationMessagePolicy = File | FallbackToLogsOnError
enum Signal = SIGABRT | SIGALRM | SIGBUS | SIGCHLD | SIGCLD | SIGCONT | SIGFPE | SIGHUP | SIGILL | SIGINT | SIGIO | SIGIOT | SIGKILL | SIGPIPE | SIGPOLL | SIGPROF | SIGPWR | SIGQUIT | SIGSEGV | SIGSTKFLT | SIGSTOP | SIGSYS | SIGTERM | SIGTRAP | SIGTSTP | SIGTTIN | SIGTTOU | SIGURG | SIGUSR1 | SIGUSR2 | SIGVTALRM | SIGWINCH | SIGXCPU | SIGXFSZ | SIGRTMIN | SIGRTMIN+1 | SIGRTMIN+2 | SIGRTMIN+3 | SIGRTMIN+4 | SIGRTMIN+5 | SIGRTMIN+6 | SIGRTMIN+7 | SIGRTMIN+8 | SIGRTMIN+9 | SIGRTMIN+10 | SIGRTMIN+11 | SIGRTMIN+12 | SIGRTMIN+13 | SIGRTMIN+14 | SIGRTMIN+15 | SIGRTMAX-14 | SIGRTMAX-13 | SIGRTMAX-12 | SIGRTMAX-11 | SIGRTMAX-10 | SIGRTMAX-9 | SIGRTMAX-8 | SIGRTMAX-7 | SIGRTMAX-6 | SIGRTMAX-5 | SIGRTMAX-4 | SIGRTMAX-3 | SIGRTMAX-2 | SIGRTMAX-1 | SIGRTMAX
open enum ResourceHealthStatus = Healthy | Unhealthy | Unknown
open enum ContainerRestartPolicy = Always | Never | OnFailure
open enum ContainerRestartRuleAction = Restart | RestartAllContainers
open enum ContainerRestartRuleOnExitCodesOperator = In | NotIn
enum SeccompProfileType = Unconfined | RuntimeDefault | Localhost
enum AppArmorProfileType = Unconfined | RuntimeDefault | Localhost
open enum ResourceName = cpu | memory | storage | ephemeral-storage | pods | services | replicationcontrollers | resourcequotas | secrets | configmaps | persistentvolumeclaims | services.nodeports | services.loadbalancers | requests.cpu | requests.memory | requests.storage | requests.ephemeral-storage | limits.cpu | limits.memory | limits.ephemeral-storage
enum ProcMountType = Default | Unmasked

AppArmorProfile union=type(localhostProfile)
   1 type             string  emit req enum=AppArmorProfileType discriminator
   2 localhostProfile string?

Capabilities
   1 add  []string list=atomic
   2 drop []string list=atomic

ConfigMapEnvSource
   1 *        LocalObjectReference inline proto=localObjectReference
   2 optional bool?

ConfigMapKeySelector atomic
   1 *        LocalObjectReference inline proto=localObjectReference
   2 key      string               emit req
   3 optional bool?

Container
   1 name                     string                  emit req
   2 image                    string
   3 command                  []string                list=atomic
   4 args                     []string                list=atomic
   5 workingDir               string
   6 ports                    []ContainerPort         list=map(containerPort,protocol) patch=merge(containerPort)
  19 envFrom                  []EnvFromSource         list=atomic
   7 env                      []EnvVar                list=map(name) patch=merge(name)
   8 resources                ResourceRequirements    emit
  23 resizePolicy             []ContainerResizePolicy list=atomic gate=InPlacePodVerticalScaling
  24 restartPolicy            string?                 enum=ContainerRestartPolicy
  25 restartPolicyRules       []ContainerRestartRule  list=atomic gate=ContainerRestartRules
   9 volumeMounts             []VolumeMount           list=map(mountPath) patch=merge(mountPath)
  21 volumeDevices            []VolumeDevice          list=map(devicePath) patch=merge(devicePath)
  10 livenessProbe            Probe?
  11 readinessProbe           Probe?
  22 startupProbe             Probe?
  12 lifecycle                Lifecycle?
  13 terminationMessagePath   string
  20 terminationMessagePolicy string                  enum=TerminationMessagePolicy
  14 imagePullPolicy          string                  enum=PullPolicy
  15 securityContext          SecurityContext?
  16 stdin                    bool
  17 stdinOnce                bool
  18 tty                      bool

ContainerExtendedResourceRequest
   1 containerName string emit req
   2 resourceName  string emit req
   3 requestName   string emit req

ContainerPort
   1 name          string
   2 hostPort      int32
   3 containerPort int32  emit req
   4 protocol      string default="TCP" enum=Protocol
   5 hostIP        string

ContainerResizePolicy
   1 resourceName  string emit req enum=ResourceName
   2 restartPolicy string emit req enum=ResourceResizeRestartPolicy

ContainerRestartRule
   1 action    string                           req enum=ContainerRestartRuleAction
   2 exitCodes ContainerRestartRuleOnExitCodes? oneof=when

ContainerRestartRuleOnExitCodes
   1 operator string  req enum=ContainerRestartRuleOnExitCodesOperator
   2 values   []int32 list=set

ContainerState
   1 waiting    ContainerStateWaiting?
   2 running    ContainerStateRunning?
   3 terminated ContainerStateTerminated?

ContainerStateRunning
   1 startedAt time emit

ContainerStateTerminated
   1 exitCode    int32  emit req
   2 signal      int32
   3 reason      string
   4 message     string
   5 startedAt   time   emit
   6 finishedAt  time   emit
   7 containerID string

ContainerStateWaiting
   1 reason  string
   2 message string

ContainerStatus
   1 name                     string                emit req
   2 state                    ContainerState        emit
   3 lastState                ContainerState        emit
   4 ready                    bool                  emit req
   5 restartCount             int32                 emit req
   6 image                    string                emit req
   7 imageID                  string                emit req
   8 containerID              string
   9 started                  bool?
  10 allocatedResources       map[string]quantity
  11 resources                ResourceRequirements? gate=InPlacePodVerticalScaling
  12 volumeMounts             []VolumeMountStatus   list=map(mountPath) patch=merge(mountPath)
  13 user                     ContainerUser?        gate=SupplementalGroupsPolicy
  14 allocatedResourcesStatus []ResourceStatus      list=map(name) patch=merge(name) gate=ResourceHealthStatus
  15 stopSignal               string?               enum=Signal gate=ContainerStopSignals

ContainerUser
   1 linux LinuxContainerUser?

EnvFromSource
   1 prefix       string
   2 configMapRef ConfigMapEnvSource?
   3 secretRef    SecretEnvSource?

EnvVar
   1 name      string        emit req
   2 value     string
   3 valueFrom EnvVarSource?

EnvVarSource
   1 fieldRef         ObjectFieldSelector?
   2 resourceFieldRef ResourceFieldSelector?
   3 configMapKeyRef  ConfigMapKeySelector?
   4 secretKeyRef     SecretKeySelector?
   5 fileKeyRef       FileKeySelector?       gate=EnvFiles

EphemeralContainer
   1 *                   EphemeralContainerCommon inline proto=ephemeralContainerCommon
   2 targetContainerName string

EphemeralContainerCommon hidden
   1 name                     string                  emit req
   2 image                    string
   3 command                  []string                list=atomic
   4 args                     []string                list=atomic
   5 workingDir               string
   6 ports                    []ContainerPort         list=map(containerPort,protocol) patch=merge(containerPort)
  19 envFrom                  []EnvFromSource         list=atomic
   7 env                      []EnvVar                list=map(name) patch=merge(name)
   8 resources                ResourceRequirements    emit
  23 resizePolicy             []ContainerResizePolicy list=atomic gate=InPlacePodVerticalScaling
  24 restartPolicy            string?                 enum=ContainerRestartPolicy
  25 restartPolicyRules       []ContainerRestartRule  list=atomic gate=ContainerRestartRules
   9 volumeMounts             []VolumeMount           list=map(mountPath) patch=merge(mountPath)
  21 volumeDevices            []VolumeDevice          list=map(devicePath) patch=merge(devicePath)
  10 livenessProbe            Probe?
  11 readinessProbe           Probe?
  22 startupProbe             Probe?
  12 lifecycle                Lifecycle?
  13 terminationMessagePath   string
  20 terminationMessagePolicy string                  enum=TerminationMessagePolicy
  14 imagePullPolicy          string                  enum=PullPolicy
  15 securityContext          SecurityContext?
  16 stdin                    bool
  17 stdinOnce                bool
  18 tty                      bool

ExecAction
   1 command []string list=atomic

FileKeySelector atomic
   1 volumeName string emit req
   2 path       string emit req
   3 key        string emit req
   4 optional   bool?  default=false

GRPCAction
   1 port    int32   emit req
   2 service string? emit default=""

HTTPGetAction
   1 path        string
   2 port        intstr       emit req
   3 host        string
   4 scheme      string       enum=URIScheme
   5 httpHeaders []HTTPHeader list=atomic

HTTPHeader
   1 name  string emit req
   2 value string emit req

Lifecycle
   1 postStart  LifecycleHandler?
   2 preStop    LifecycleHandler?
   3 stopSignal string?           enum=Signal

LifecycleHandler
   1 exec      ExecAction?
   2 httpGet   HTTPGetAction?
   3 tcpSocket TCPSocketAction?
   4 sleep     SleepAction?

LinuxContainerUser
   1 uid                int64   emit req
   2 gid                int64   emit req
   3 supplementalGroups []int64 list=atomic

ObjectFieldSelector atomic
   1 apiVersion string
   2 fieldPath  string emit req

Probe
   1 *                             ProbeHandler inline proto=handler
   2 initialDelaySeconds           int32
   3 timeoutSeconds                int32
   4 periodSeconds                 int32
   5 successThreshold              int32
   6 failureThreshold              int32
   7 terminationGracePeriodSeconds int64?

ProbeHandler hidden
   1 exec      ExecAction?
   2 httpGet   HTTPGetAction?
   3 tcpSocket TCPSocketAction?
   4 grpc      GRPCAction?

ResourceClaim
   1 name    string emit req
   2 request string

ResourceFieldSelector atomic
   1 containerName string
   2 resource      string   emit req
   3 divisor       quantity emit

ResourceHealth
   1 resourceID string  emit req
   2 health     string  enum=ResourceHealthStatus
   6 message    string? gate=ResourceHealthStatusMessage

ResourceRequirements
   1 limits   map[string]quantity
   2 requests map[string]quantity
   3 claims   []ResourceClaim     list=map(name) gate=DynamicResourceAllocation

ResourceStatus
   1 name      string           emit req enum=ResourceName
   2 resources []ResourceHealth list=map(resourceID)

SELinuxOptions
   1 user  string
   2 role  string
   3 type  string
   4 level string

SeccompProfile union=type(localhostProfile)
   1 type             string  emit req enum=SeccompProfileType discriminator
   2 localhostProfile string?

SecretEnvSource
   1 *        LocalObjectReference inline proto=localObjectReference
   2 optional bool?

SecretKeySelector atomic
   1 *        LocalObjectReference inline proto=localObjectReference
   2 key      string               emit req
   3 optional bool?

SecurityContext
   1 capabilities             Capabilities?
   2 privileged               bool?
   3 seLinuxOptions           SELinuxOptions?
  10 windowsOptions           WindowsSecurityContextOptions?
   4 runAsUser                int64?
   8 runAsGroup               int64?
   5 runAsNonRoot             bool?
   6 readOnlyRootFilesystem   bool?
   7 allowPrivilegeEscalation bool?
   9 procMount                string?                        enum=ProcMountType
  11 seccompProfile           SeccompProfile?
  12 appArmorProfile          AppArmorProfile?

SleepAction
   1 seconds int64 emit req

Sysctl
   1 name  string emit req
   2 value string emit req

TCPSocketAction
   1 port intstr emit req
   2 host string

WindowsSecurityContextOptions
   1 gmsaCredentialSpecName string?
   2 gmsaCredentialSpec     string?
   3 runAsUserName          string?
   4 hostProcess            bool?
`;
