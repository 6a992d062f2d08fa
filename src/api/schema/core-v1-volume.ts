// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: volume. */
export const CORE_V1_VOLUME = `
enum PersistentVolumeReclaimPolicy = Recycle | Delete | Retain
enum PersistentVolumeMode = Block | Filesystem
open enum PersistentVolumeClaimConditionType = Resizing | FileSystemResizePending | ControllerResizeError | NodeResizeError | ModifyVolumeError | ModifyingVolume | Unused
enum ClaimResourceStatus = ControllerResizeInProgress | ControllerResizeInfeasible | NodeResizePending | NodeResizeInProgress | NodeResizeInfeasible
enum PersistentVolumeClaimModifyVolumeStatus = Pending | InProgress | Infeasible
enum PersistentVolumeAccessMode = ReadWriteOnce | ReadOnlyMany | ReadWriteMany | ReadWriteOncePod
enum PersistentVolumePhase = Pending | Available | Bound | Released | Failed
enum PersistentVolumeClaimPhase = Pending | Bound | Lost
enum HostPathType = "" | DirectoryOrCreate | Directory | FileOrCreate | File | Socket | CharDevice | BlockDevice
open enum StorageMedium = "" | Memory | HugePages | HugePages-
enum MountPropagationMode = None | HostToContainer | Bidirectional
open enum RecursiveReadOnlyMode = Disabled | IfPossible | Enabled

AttachedVolume
   1 name       string emit req
   2 devicePath string emit req

ConfigMapVolumeSource
   1 *           LocalObjectReference inline proto=localObjectReference
   2 items       []KeyToPath          list=atomic
   3 defaultMode int32?
   4 optional    bool?

DownwardAPIProjection
   1 items []DownwardAPIVolumeFile list=atomic

DownwardAPIVolumeFile
   1 path             string                 emit req
   2 fieldRef         ObjectFieldSelector?
   3 resourceFieldRef ResourceFieldSelector?
   4 mode             int32?

DownwardAPIVolumeSource
   1 items       []DownwardAPIVolumeFile list=atomic
   2 defaultMode int32?

EmptyDirVolumeSource
   1 medium    string    enum=StorageMedium
   2 sizeLimit quantity?

EphemeralVolumeSource
   1 volumeClaimTemplate PersistentVolumeClaimTemplate?

HostPathVolumeSource
   1 path string  emit req
   2 type string? enum=HostPathType

ImageVolumeSource
   1 reference  string
   2 pullPolicy string enum=PullPolicy

ImageVolumeStatus
   1 imageRef string req

KeyToPath
   1 key  string emit req
   2 path string emit req
   3 mode int32?

LocalObjectReference atomic
   1 name string default=""

LocalVolumeSource
   1 path   string  emit req
   2 fsType string?

ModifyVolumeStatus
   1 targetVolumeAttributesClassName string
   2 status                          string emit req enum=PersistentVolumeClaimModifyVolumeStatus

PersistentVolume kind
   1 metadata meta.ObjectMeta        emit
   2 spec     PersistentVolumeSpec   emit
   3 status   PersistentVolumeStatus emit

PersistentVolumeClaim kind
   1 metadata meta.ObjectMeta             emit
   2 spec     PersistentVolumeClaimSpec   emit
   3 status   PersistentVolumeClaimStatus emit

PersistentVolumeClaimCondition
   1 type               string emit req enum=PersistentVolumeClaimConditionType
   2 status             string emit req enum=ConditionStatus
   3 lastProbeTime      time   emit
   4 lastTransitionTime time   emit
   5 reason             string
   6 message            string

PersistentVolumeClaimList kind list
   1 metadata meta.ListMeta           emit
   2 items    []PersistentVolumeClaim emit req

PersistentVolumeClaimSpec
   1 accessModes               []string                   list=atomic enum=PersistentVolumeAccessMode
   4 selector                  meta.LabelSelector?
   2 resources                 VolumeResourceRequirements emit
   3 volumeName                string
   5 storageClassName          string?
   6 volumeMode                string?                    enum=PersistentVolumeMode
   7 dataSource                TypedLocalObjectReference?
   8 dataSourceRef             TypedObjectReference?
   9 volumeAttributesClassName string?                    gate=VolumeAttributesClass

PersistentVolumeClaimStatus
   1 phase                            string                           enum=PersistentVolumeClaimPhase
   2 accessModes                      []string                         list=atomic enum=PersistentVolumeAccessMode
   3 capacity                         map[string]quantity
   4 conditions                       []PersistentVolumeClaimCondition list=map(type) patch=merge(type)
   5 allocatedResources               map[string]quantity
   7 allocatedResourceStatuses        map[string]string                map=granular enum=ClaimResourceStatus keys=ResourceName
   8 currentVolumeAttributesClassName string?                          gate=VolumeAttributesClass
   9 modifyVolumeStatus               ModifyVolumeStatus?              gate=VolumeAttributesClass

PersistentVolumeClaimTemplate
   1 metadata meta.ObjectMeta           emit
   2 spec     PersistentVolumeClaimSpec emit req

PersistentVolumeClaimVolumeSource
   1 claimName string emit req
   2 readOnly  bool

PersistentVolumeList kind list
   1 metadata meta.ListMeta      emit
   2 items    []PersistentVolume emit req

PersistentVolumeSource hidden
   1 gcePersistentDisk    GCEPersistentDiskVolumeSource?
   2 awsElasticBlockStore AWSElasticBlockStoreVolumeSource?
   3 hostPath             HostPathVolumeSource?
   4 glusterfs            GlusterfsPersistentVolumeSource?
   5 nfs                  NFSVolumeSource?
   6 rbd                  RBDPersistentVolumeSource?
   7 iscsi                ISCSIPersistentVolumeSource?
   8 cinder               CinderPersistentVolumeSource?
   9 cephfs               CephFSPersistentVolumeSource?
  10 fc                   FCVolumeSource?
  11 flocker              FlockerVolumeSource?
  12 flexVolume           FlexPersistentVolumeSource?
  13 azureFile            AzureFilePersistentVolumeSource?
  14 vsphereVolume        VsphereVirtualDiskVolumeSource?
  15 quobyte              QuobyteVolumeSource?
  16 azureDisk            AzureDiskVolumeSource?
  17 photonPersistentDisk PhotonPersistentDiskVolumeSource?
  18 portworxVolume       PortworxVolumeSource?
  19 scaleIO              ScaleIOPersistentVolumeSource?
  20 local                LocalVolumeSource?
  21 storageos            StorageOSPersistentVolumeSource?
  22 csi                  CSIPersistentVolumeSource?

PersistentVolumeSpec
   1 capacity                      map[string]quantity
   2 *                             PersistentVolumeSource inline proto=persistentVolumeSource
   3 accessModes                   []string               list=atomic enum=PersistentVolumeAccessMode
   4 claimRef                      ObjectReference?       map=granular
   5 persistentVolumeReclaimPolicy string                 enum=PersistentVolumeReclaimPolicy
   6 storageClassName              string
   7 mountOptions                  []string               list=atomic
   8 volumeMode                    string?                enum=PersistentVolumeMode
   9 nodeAffinity                  VolumeNodeAffinity?
  10 volumeAttributesClassName     string?                gate=VolumeAttributesClass

PersistentVolumeStatus
   1 phase                   string enum=PersistentVolumePhase
   2 message                 string
   3 reason                  string
   4 lastPhaseTransitionTime time?

ProjectedVolumeSource
   1 sources     []VolumeProjection emit list=atomic
   2 defaultMode int32?

SecretVolumeSource
   1 secretName  string
   2 items       []KeyToPath list=atomic
   3 defaultMode int32?
   4 optional    bool?

TopologySelectorLabelRequirement
   1 key    string   emit req
   2 values []string emit req list=atomic

TopologySelectorTerm atomic
   1 matchLabelExpressions []TopologySelectorLabelRequirement list=atomic

TypedLocalObjectReference atomic
   1 apiGroup string? emit
   2 kind     string  emit req
   3 name     string  emit req

TypedObjectReference
   1 apiGroup  string? emit
   2 kind      string  emit req
   3 name      string  emit req
   4 namespace string? gate=CrossNamespaceVolumeDataSource

Volume
   1 name string       emit req
   2 *    VolumeSource inline proto=volumeSource

VolumeDevice
   1 name       string emit req
   2 devicePath string emit req

VolumeMount
   1 name              string  emit req
   2 readOnly          bool
   7 recursiveReadOnly string? enum=RecursiveReadOnlyMode
   3 mountPath         string  emit req
   4 subPath           string
   5 mountPropagation  string? enum=MountPropagationMode
   6 subPathExpr       string

VolumeMountStatus
   1 name              string        emit req
   2 mountPath         string        emit req
   3 readOnly          bool
   4 recursiveReadOnly string?       enum=RecursiveReadOnlyMode
   5 volumeStatus      VolumeStatus?

VolumeNodeAffinity
   1 required NodeSelector?

VolumeProjection
   1 secret              SecretProjection?
   2 downwardAPI         DownwardAPIProjection?
   3 configMap           ConfigMapProjection?
   4 serviceAccountToken ServiceAccountTokenProjection?
   5 clusterTrustBundle  ClusterTrustBundleProjection?  gate=ClusterTrustBundleProjection
   6 podCertificate      PodCertificateProjection?      gate=PodCertificateProjection

VolumeResourceRequirements
   1 limits   map[string]quantity
   2 requests map[string]quantity

VolumeSource hidden
   1 hostPath              HostPathVolumeSource?
   2 emptyDir              EmptyDirVolumeSource?
   3 gcePersistentDisk     GCEPersistentDiskVolumeSource?
   4 awsElasticBlockStore  AWSElasticBlockStoreVolumeSource?
   5 gitRepo               GitRepoVolumeSource?
   6 secret                SecretVolumeSource?
   7 nfs                   NFSVolumeSource?
   8 iscsi                 ISCSIVolumeSource?
   9 glusterfs             GlusterfsVolumeSource?
  10 persistentVolumeClaim PersistentVolumeClaimVolumeSource?
  11 rbd                   RBDVolumeSource?
  12 flexVolume            FlexVolumeSource?
  13 cinder                CinderVolumeSource?
  14 cephfs                CephFSVolumeSource?
  15 flocker               FlockerVolumeSource?
  16 downwardAPI           DownwardAPIVolumeSource?
  17 fc                    FCVolumeSource?
  18 azureFile             AzureFileVolumeSource?
  19 configMap             ConfigMapVolumeSource?
  20 vsphereVolume         VsphereVirtualDiskVolumeSource?
  21 quobyte               QuobyteVolumeSource?
  22 azureDisk             AzureDiskVolumeSource?
  23 photonPersistentDisk  PhotonPersistentDiskVolumeSource?
  26 projected             ProjectedVolumeSource?
  24 portworxVolume        PortworxVolumeSource?
  25 scaleIO               ScaleIOVolumeSource?
  27 storageos             StorageOSVolumeSource?
  28 csi                   CSIVolumeSource?
  29 ephemeral             EphemeralVolumeSource?
  30 image                 ImageVolumeSource?

VolumeStatus
   1 image ImageVolumeStatus? gate=ImageVolumeWithDigest
`;
