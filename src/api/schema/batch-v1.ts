// batch/v1 messages (package io.k8s.api.batch.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.batch.v1. */
export const BATCH_V1 = `
enum CompletionMode = NonIndexed | Indexed
enum PodFailurePolicyAction = FailJob | FailIndex | Ignore | Count
enum PodFailurePolicyOnExitCodesOperator = In | NotIn
enum PodReplacementPolicy = TerminatingOrFailed | Failed
open enum JobConditionType = Suspended | Complete | Failed | FailureTarget | SuccessCriteriaMet
enum ConcurrencyPolicy = Allow | Forbid | Replace

CronJob kind
   1 metadata meta.ObjectMeta emit
   2 spec     CronJobSpec     emit req
   3 status   CronJobStatus   emit

CronJobList kind list
   1 metadata meta.ListMeta emit
   2 items    []CronJob     emit req

CronJobSpec
   1 schedule                   string          emit req
   8 timeZone                   string?
   2 startingDeadlineSeconds    int64?
   3 concurrencyPolicy          string          enum=ConcurrencyPolicy
   4 suspend                    bool?
   5 jobTemplate                JobTemplateSpec emit req
   6 successfulJobsHistoryLimit int32?
   7 failedJobsHistoryLimit     int32?

CronJobStatus
   1 active             []core.ObjectReference list=atomic
   4 lastScheduleTime   time?
   5 lastSuccessfulTime time?

Job kind
   1 metadata meta.ObjectMeta emit
   2 spec     JobSpec         emit
   3 status   JobStatus       emit

JobCondition
   1 type               string emit req enum=JobConditionType
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastProbeTime      time   emit
   4 lastTransitionTime time   emit
   5 reason             string
   6 message            string

JobList kind list
   1 metadata meta.ListMeta emit
   2 items    []Job         emit req

JobSpec
   1 parallelism             int32?
   2 completions             int32?
   3 activeDeadlineSeconds   int64?
  11 podFailurePolicy        PodFailurePolicy?
  16 successPolicy           SuccessPolicy?
   7 backoffLimit            int32?
  12 backoffLimitPerIndex    int32?
  13 maxFailedIndexes        int32?
   4 selector                meta.LabelSelector?
   5 manualSelector          bool?
   6 template                core.PodTemplateSpec emit req
   8 ttlSecondsAfterFinished int32?
   9 completionMode          string?              enum=CompletionMode
  10 suspend                 bool?
  14 podReplacementPolicy    string?              enum=PodReplacementPolicy
  15 managedBy               string?

JobStatus
   1 conditions              []JobCondition           list=atomic patch=merge(type)
   2 startTime               time?
   3 completionTime          time?
   4 active                  int32
   5 succeeded               int32
   6 failed                  int32
  11 terminating             int32?
   7 completedIndexes        string
  10 failedIndexes           string?
   8 uncountedTerminatedPods UncountedTerminatedPods?
   9 ready                   int32?

JobTemplateSpec
   1 metadata meta.ObjectMeta emit
   2 spec     JobSpec         emit

PodFailurePolicy
   1 rules []PodFailurePolicyRule emit req list=atomic

PodFailurePolicyOnExitCodesRequirement
   1 containerName string?
   2 operator      string  emit req enum=PodFailurePolicyOnExitCodesOperator
   3 values        []int32 emit req list=set

PodFailurePolicyOnPodConditionsPattern
   1 type   string emit req enum=io.k8s.api.core.v1.PodConditionType
   2 status string emit enum=io.k8s.api.core.v1.ConditionStatus

PodFailurePolicyRule
   1 action          string                                   emit req enum=PodFailurePolicyAction
   2 onExitCodes     PodFailurePolicyOnExitCodesRequirement?
   3 onPodConditions []PodFailurePolicyOnPodConditionsPattern list=atomic

SuccessPolicy
   1 rules []SuccessPolicyRule emit req list=atomic

SuccessPolicyRule
   1 succeededIndexes string?
   2 succeededCount   int32?

UncountedTerminatedPods
   1 succeeded []string list=set
   2 failed    []string list=set
`;
