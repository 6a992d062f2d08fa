// storage.k8s.io/v1 messages (package io.k8s.api.storage.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.storage.v1. */
export const STORAGE_V1 = `
enum VolumeBindingMode = Immediate | WaitForFirstConsumer
open enum FSGroupPolicy = ReadWriteOnceWithFSType | File | None
open enum VolumeLifecycleMode = Persistent | Ephemeral

CSIDriver kind
   1 metadata meta.ObjectMeta emit
   2 spec     CSIDriverSpec   emit req

CSIDriverList kind list
   1 metadata meta.ListMeta emit
   2 items    []CSIDriver   emit req

CSIDriverSpec
   1 attachRequired                     bool?
   2 podInfoOnMount                     bool?
   3 volumeLifecycleModes               []string       list=set enum=VolumeLifecycleMode
   4 storageCapacity                    bool?          gate=CSIStorageCapacity
   5 fsGroupPolicy                      string?        enum=FSGroupPolicy
   6 tokenRequests                      []TokenRequest list=atomic
   7 requiresRepublish                  bool?
   8 seLinuxMount                       bool?          gate=SELinuxMountReadWriteOncePod
   9 nodeAllocatableUpdatePeriodSeconds int64?         gate=MutableCSINodeAllocatableCount
  10 serviceAccountTokenInSecrets       bool?          gate=CSIServiceAccountTokenSecrets
  11 preventPodSchedulingIfMissing      bool?          gate=VolumeLimitScaling

CSINode kind
   1 metadata meta.ObjectMeta emit
   2 spec     CSINodeSpec     emit req

CSINodeDriver
   1 name         string               emit req
   2 nodeID       string               emit req
   3 topologyKeys []string             emit list=atomic
   4 allocatable  VolumeNodeResources?

CSINodeList kind list
   1 metadata meta.ListMeta emit
   2 items    []CSINode     emit req

CSINodeSpec
   1 drivers []CSINodeDriver emit req list=map(name) patch=merge(name)

CSIStorageCapacity kind
   1 metadata          meta.ObjectMeta     emit
   2 nodeTopology      meta.LabelSelector?
   3 storageClassName  string              emit req
   4 capacity          quantity?
   5 maximumVolumeSize quantity?

CSIStorageCapacityList kind list
   1 metadata meta.ListMeta        emit
   2 items    []CSIStorageCapacity emit req

StorageClass kind
   1 metadata             meta.ObjectMeta             emit
   2 provisioner          string                      emit req
   3 parameters           map[string]string
   4 reclaimPolicy        string?                     enum=io.k8s.api.core.v1.PersistentVolumeReclaimPolicy
   5 mountOptions         []string                    list=atomic
   6 allowVolumeExpansion bool?
   7 volumeBindingMode    string?                     enum=VolumeBindingMode
   8 allowedTopologies    []core.TopologySelectorTerm list=atomic

StorageClassList kind list
   1 metadata meta.ListMeta  emit
   2 items    []StorageClass emit req

TokenRequest
   1 audience          string emit req
   2 expirationSeconds int64?

VolumeAttachment kind
   1 metadata meta.ObjectMeta        emit
   2 spec     VolumeAttachmentSpec   emit req
   3 status   VolumeAttachmentStatus emit

VolumeAttachmentList kind list
   1 metadata meta.ListMeta      emit
   2 items    []VolumeAttachment emit req

VolumeAttachmentSource
   1 persistentVolumeName string?
   2 inlineVolumeSpec     core.PersistentVolumeSpec?

VolumeAttachmentSpec
   1 attacher string                 emit req
   2 source   VolumeAttachmentSource emit req
   3 nodeName string                 emit req

VolumeAttachmentStatus
   1 attached           bool              emit req
   2 attachmentMetadata map[string]string
   3 attachError        VolumeError?
   4 detachError        VolumeError?

VolumeAttributesClass kind
   1 metadata   meta.ObjectMeta   emit
   2 driverName string            emit req
   3 parameters map[string]string

VolumeAttributesClassList kind list
   1 metadata meta.ListMeta           emit
   2 items    []VolumeAttributesClass emit req

VolumeError
   1 time      time   emit
   2 message   string
   3 errorCode int32? gate=MutableCSINodeAllocatableCount

VolumeNodeResources
   1 count int32?
`;
