// core/v1 messages (package io.k8s.apimachinery.pkg.apis.meta.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.apimachinery.pkg.apis.meta.v1. */
export const META_V1 = `
open enum ResourceVersionMatch = NotOlderThan | Exact
open enum DeletionPropagation = Orphan | Background | Foreground
open enum StatusReason = "" | Unauthorized | Forbidden | NotFound | AlreadyExists | Conflict | Gone | Invalid | ServerTimeout | StorageReadError | Timeout | TooManyRequests | BadRequest | MethodNotAllowed | NotAcceptable | RequestEntityTooLarge | UnsupportedMediaType | InternalError | Expired | ServiceUnavailable
open enum CauseType = FieldValueNotFound | FieldValueRequired | FieldValueDuplicate | FieldValueInvalid | FieldValueNotSupported | FieldValueForbidden | FieldValueTooLong | FieldValueTooMany | InternalError | FieldValueTypeInvalid | UnexpectedServerResponse | FieldManagerConflict | ResourceVersionTooLarge
open enum LabelSelectorOperator = In | NotIn | Exists | DoesNotExist
open enum FieldSelectorOperator = In | NotIn | Exists | DoesNotExist
open enum ManagedFieldsOperationType = Apply | Update
open enum RowConditionType = Completed
open enum ConditionStatus = True | False | Unknown
open enum IncludeObjectPolicy = None | Metadata | Object

APIGroup kind
   1 name                       string                      emit req
   2 versions                   []GroupVersionForDiscovery  emit req list=atomic
   3 preferredVersion           GroupVersionForDiscovery    emit
   4 serverAddressByClientCIDRs []ServerAddressByClientCIDR list=atomic

APIGroupList kind
   1 groups []APIGroup emit req list=atomic

APIResource
   1 name               string   emit req
   6 singularName       string   emit req
   2 namespaced         bool     emit req
   8 group              string
   9 version            string
   3 kind               string   emit req
   4 verbs              Verbs    emit req
   5 shortNames         []string list=atomic
   7 categories         []string list=atomic
  10 storageVersionHash string

APIResourceList kind
   1 groupVersion string        emit req
   2 resources    []APIResource emit req list=atomic

APIVersions kind
   1 versions                   []string                    emit req list=atomic
   2 serverAddressByClientCIDRs []ServerAddressByClientCIDR emit req list=atomic

ApplyOptions typed hidden
   1 dryRun       []string list=atomic
   2 force        bool     emit req
   3 fieldManager string   emit req

Condition
   1 type               string emit req
   2 status             string emit req enum=ConditionStatus
   3 observedGeneration int64
   4 lastTransitionTime time   emit req
   5 reason             string emit req
   6 message            string emit req

CreateOptions typed hidden
   1 dryRun          []string list=atomic
   3 fieldManager    string
   4 fieldValidation string

DeleteOptions everywhere
   1 gracePeriodSeconds                               int64?
   2 preconditions                                    Preconditions?
   3 orphanDependents                                 bool?
   4 propagationPolicy                                string?        enum=DeletionPropagation
   5 dryRun                                           []string       list=atomic
   6 ignoreStoreReadErrorWithClusterBreakingPotential bool?

FieldSelectorRequirement
   1 key      string   emit req
   2 operator string   emit req enum=FieldSelectorOperator
   3 values   []string list=atomic

GetOptions typed hidden
   1 resourceVersion string

GroupKind hidden
   1 group string emit req
   2 kind  string emit req

GroupResource
   1 group    string emit req
   2 resource string emit req

GroupVersion hidden
   1 group   string emit req
   2 version string emit req

GroupVersionForDiscovery
   1 groupVersion string emit req
   2 version      string emit req

GroupVersionKind hidden
   1 group   string emit req
   2 version string emit req
   3 kind    string emit req

GroupVersionResource hidden
   1 group    string emit req
   2 version  string emit req
   3 resource string emit req

LabelSelector atomic
   1 matchLabels      map[string]string
   2 matchExpressions []LabelSelectorRequirement list=atomic

LabelSelectorRequirement
   1 key      string   emit req
   2 operator string   emit req enum=LabelSelectorOperator
   3 values   []string list=atomic

List typed list hidden
   1 metadata ListMeta emit
   2 items    []raw    emit req

ListMeta
   1 selfLink           string
   2 resourceVersion    string
   3 continue           string
   4 remainingItemCount int64?
   5 shardInfo          ShardInfo? gate=ShardedListAndWatch

ListOptions typed hidden
   1 labelSelector        string
   2 fieldSelector        string
   3 watch                bool
   9 allowWatchBookmarks  bool
   4 resourceVersion      string
  10 resourceVersionMatch string enum=ResourceVersionMatch
   5 timeoutSeconds       int64?
   7 limit                int64
   8 continue             string
  11 sendInitialEvents    bool?
  15 shardSelector        string gate=ShardedListAndWatch

ManagedFieldsEntry
   1 manager     string
   2 operation   string    enum=ManagedFieldsOperationType
   3 apiVersion  string
   4 time        time?
   6 fieldsType  string
   7 fieldsV1    fieldsv1?
   8 subresource string

ObjectMeta
   1 name                       string
   2 generateName               string
   3 namespace                  string
   4 selfLink                   string
   5 uid                        string
   6 resourceVersion            string
   7 generation                 int64
   8 creationTimestamp          time                 omitzero
   9 deletionTimestamp          time?
  10 deletionGracePeriodSeconds int64?
  11 labels                     map[string]string
  12 annotations                map[string]string
  13 ownerReferences            []OwnerReference     list=map(uid) patch=merge(uid)
  14 finalizers                 []string             list=set patch=merge
  17 managedFields              []ManagedFieldsEntry list=atomic

OwnerReference atomic
   5 apiVersion         string emit req
   1 kind               string emit req
   3 name               string emit req
   4 uid                string emit req
   6 controller         bool?
   7 blockOwnerDeletion bool?

PartialObjectMetadata typed hidden
   1 metadata ObjectMeta emit

PartialObjectMetadataList typed list hidden
   1 metadata ListMeta                emit
   2 items    []PartialObjectMetadata emit req

Patch

PatchOptions typed hidden
   1 dryRun          []string list=atomic
   2 force           bool?
   3 fieldManager    string
   4 fieldValidation string

Preconditions
   1 uid             string?
   2 resourceVersion string?

RootPaths hidden
   1 paths []string emit req list=atomic

ServerAddressByClientCIDR
   1 clientCIDR    string emit req
   2 serverAddress string emit req

ShardInfo
   1 selector string emit req

Status kind list
   1 metadata ListMeta       emit
   2 status   string
   3 message  string
   4 reason   string         enum=StatusReason
   5 details  StatusDetails?
   6 code     int32

StatusCause
   1 reason  string enum=CauseType
   2 message string
   3 field   string

StatusDetails
   1 name              string
   2 group             string
   3 kind              string
   6 uid               string
   4 causes            []StatusCause list=atomic
   5 retryAfterSeconds int32

TableOptions typed hidden
   1 includeObject string enum=IncludeObjectPolicy

TypeMeta hidden
   1 kind       string
   2 apiVersion string

UpdateOptions typed hidden
   1 dryRun          []string list=atomic
   2 fieldManager    string
   3 fieldValidation string

Verbs hidden form=list
   1 ~ []string proto=items

WatchEvent everywhere
   1 type   string emit req
   2 object raw    emit req

Table typed list json-only hidden
   - metadata          ListMeta                emit
   - columnDefinitions []TableColumnDefinition emit req list=atomic
   - rows              []TableRow              emit req list=atomic

TableColumnDefinition json-only hidden
   - name        string emit req
   - type        string emit req
   - format      string emit req
   - description string emit req
   - priority    int32  emit req

TableRow json-only hidden
   - cells      []any               emit req list=atomic
   - conditions []TableRowCondition list=atomic
   - object     raw                 emit

TableRowCondition json-only hidden
   - type    string emit req enum=RowConditionType
   - status  string emit req enum=ConditionStatus
   - reason  string
   - message string
`;
