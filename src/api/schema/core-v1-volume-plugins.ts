// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: volume-plugins. */
export const CORE_V1_VOLUME_PLUGINS = `
enum AzureDataDiskCachingMode = None | ReadOnly | ReadWrite
enum AzureDataDiskKind = Shared | Dedicated | Managed

AWSElasticBlockStoreVolumeSource
   1 volumeID  string emit req
   2 fsType    string
   3 partition int32
   4 readOnly  bool

AzureDiskVolumeSource
   1 diskName    string  emit req
   2 diskURI     string  emit req
   3 cachingMode string? default="ReadWrite" enum=AzureDataDiskCachingMode
   4 fsType      string? default="ext4"
   5 readOnly    bool?   default=false
   6 kind        string? default="Shared" enum=AzureDataDiskKind

AzureFilePersistentVolumeSource
   1 secretName      string  emit req
   2 shareName       string  emit req
   3 readOnly        bool
   4 secretNamespace string? emit

AzureFileVolumeSource
   1 secretName string emit req
   2 shareName  string emit req
   3 readOnly   bool

CSIPersistentVolumeSource
   1 driver                     string            emit req
   2 volumeHandle               string            emit req
   3 readOnly                   bool
   4 fsType                     string
   5 volumeAttributes           map[string]string
   6 controllerPublishSecretRef SecretReference?
   7 nodeStageSecretRef         SecretReference?
   8 nodePublishSecretRef       SecretReference?
   9 controllerExpandSecretRef  SecretReference?
  10 nodeExpandSecretRef        SecretReference?

CSIVolumeSource
   1 driver               string                emit req
   2 readOnly             bool?
   3 fsType               string?
   4 volumeAttributes     map[string]string
   5 nodePublishSecretRef LocalObjectReference?

CephFSPersistentVolumeSource
   1 monitors   []string         emit req list=atomic
   2 path       string
   3 user       string
   4 secretFile string
   5 secretRef  SecretReference?
   6 readOnly   bool

CephFSVolumeSource
   1 monitors   []string              emit req list=atomic
   2 path       string
   3 user       string
   4 secretFile string
   5 secretRef  LocalObjectReference?
   6 readOnly   bool

CinderPersistentVolumeSource
   1 volumeID  string           emit req
   2 fsType    string
   3 readOnly  bool
   4 secretRef SecretReference?

CinderVolumeSource
   1 volumeID  string                emit req
   2 fsType    string
   3 readOnly  bool
   4 secretRef LocalObjectReference?

FCVolumeSource
   1 targetWWNs []string list=atomic
   2 lun        int32?
   3 fsType     string
   4 readOnly   bool
   5 wwids      []string list=atomic

FlexPersistentVolumeSource
   1 driver    string            emit req
   2 fsType    string
   3 secretRef SecretReference?
   4 readOnly  bool
   5 options   map[string]string

FlexVolumeSource
   1 driver    string                emit req
   2 fsType    string
   3 secretRef LocalObjectReference?
   4 readOnly  bool
   5 options   map[string]string

FlockerVolumeSource
   1 datasetName string
   2 datasetUUID string

GCEPersistentDiskVolumeSource
   1 pdName    string emit req
   2 fsType    string
   3 partition int32
   4 readOnly  bool

GitRepoVolumeSource
   1 repository string emit req
   2 revision   string
   3 directory  string

GlusterfsPersistentVolumeSource
   1 endpoints          string  emit req
   2 path               string  emit req
   3 readOnly           bool
   4 endpointsNamespace string?

GlusterfsVolumeSource
   1 endpoints string emit req
   2 path      string emit req
   3 readOnly  bool

ISCSIPersistentVolumeSource
   1 targetPortal      string           emit req
   2 iqn               string           emit req
   3 lun               int32            emit req
   4 iscsiInterface    string           default="default"
   5 fsType            string
   6 readOnly          bool
   7 portals           []string         list=atomic
   8 chapAuthDiscovery bool
  11 chapAuthSession   bool
  10 secretRef         SecretReference?
  12 initiatorName     string?

ISCSIVolumeSource
   1 targetPortal      string                emit req
   2 iqn               string                emit req
   3 lun               int32                 emit req
   4 iscsiInterface    string                default="default"
   5 fsType            string
   6 readOnly          bool
   7 portals           []string              list=atomic
   8 chapAuthDiscovery bool
  11 chapAuthSession   bool
  10 secretRef         LocalObjectReference?
  12 initiatorName     string?

NFSVolumeSource
   1 server   string emit req
   2 path     string emit req
   3 readOnly bool

PhotonPersistentDiskVolumeSource
   1 pdID   string emit req
   2 fsType string

PortworxVolumeSource
   1 volumeID string emit req
   2 fsType   string
   3 readOnly bool

QuobyteVolumeSource
   1 registry string emit req
   2 volume   string emit req
   3 readOnly bool
   4 user     string
   5 group    string
   6 tenant   string

RBDPersistentVolumeSource
   1 monitors  []string         emit req list=atomic
   2 image     string           emit req
   3 fsType    string
   4 pool      string           default="rbd"
   5 user      string           default="admin"
   6 keyring   string           default="/etc/ceph/keyring"
   7 secretRef SecretReference?
   8 readOnly  bool

RBDVolumeSource
   1 monitors  []string              emit req list=atomic
   2 image     string                emit req
   3 fsType    string
   4 pool      string                default="rbd"
   5 user      string                default="admin"
   6 keyring   string                default="/etc/ceph/keyring"
   7 secretRef LocalObjectReference?
   8 readOnly  bool

ScaleIOPersistentVolumeSource
   1 gateway          string           emit req
   2 system           string           emit req
   3 secretRef        SecretReference? emit req
   4 sslEnabled       bool
   5 protectionDomain string
   6 storagePool      string
   7 storageMode      string           default="ThinProvisioned"
   8 volumeName       string
   9 fsType           string           default="xfs"
  10 readOnly         bool

ScaleIOVolumeSource
   1 gateway          string                emit req
   2 system           string                emit req
   3 secretRef        LocalObjectReference? emit req
   4 sslEnabled       bool
   5 protectionDomain string
   6 storagePool      string
   7 storageMode      string                default="ThinProvisioned"
   8 volumeName       string
   9 fsType           string                default="xfs"
  10 readOnly         bool

StorageOSPersistentVolumeSource
   1 volumeName      string
   2 volumeNamespace string
   3 fsType          string
   4 readOnly        bool
   5 secretRef       ObjectReference?

StorageOSVolumeSource
   1 volumeName      string
   2 volumeNamespace string
   3 fsType          string
   4 readOnly        bool
   5 secretRef       LocalObjectReference?

VsphereVirtualDiskVolumeSource
   1 volumePath        string emit req
   2 fsType            string
   3 storagePolicyName string
   4 storagePolicyID   string
`;
