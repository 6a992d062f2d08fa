// autoscaling/v2 messages (package io.k8s.api.autoscaling.v2). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.autoscaling.v2. */
export const AUTOSCALING_V2 = `
open enum ScalingPolicySelect = Max | Min | Disabled
open enum HPAScalingPolicyType = Pods | Percent
open enum MetricSourceType = Object | Pods | Resource | ContainerResource | External
open enum MetricTargetType = Utilization | Value | AverageValue
open enum HorizontalPodAutoscalerConditionType = ScalingActive | AbleToScale | ScalingLimited | ScaledToZero

ContainerResourceMetricSource
   1 name      string       emit req enum=io.k8s.api.core.v1.ResourceName
   2 target    MetricTarget emit req
   3 container string       emit req

ContainerResourceMetricStatus
   1 name      string            emit req enum=io.k8s.api.core.v1.ResourceName
   2 current   MetricValueStatus emit req
   3 container string            emit req

CrossVersionObjectReference
   1 kind       string emit req
   2 name       string emit req
   3 apiVersion string

ExternalMetricSource
   1 metric MetricIdentifier emit req
   2 target MetricTarget     emit req

ExternalMetricStatus
   1 metric  MetricIdentifier  emit req
   2 current MetricValueStatus emit req

HPAScalingPolicy
   1 type          string emit req enum=HPAScalingPolicyType
   2 value         int32  emit req
   3 periodSeconds int32  emit req

HPAScalingRules
   3 stabilizationWindowSeconds int32?
   1 selectPolicy               string?            enum=ScalingPolicySelect
   2 policies                   []HPAScalingPolicy list=atomic
   4 tolerance                  quantity?          gate=HPAConfigurableTolerance

HorizontalPodAutoscaler kind
   1 metadata meta.ObjectMeta               emit
   2 spec     HorizontalPodAutoscalerSpec   emit req
   3 status   HorizontalPodAutoscalerStatus emit

HorizontalPodAutoscalerBehavior
   1 scaleUp   HPAScalingRules?
   2 scaleDown HPAScalingRules?

HorizontalPodAutoscalerCondition
   1 type               string emit req enum=HorizontalPodAutoscalerConditionType
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

HorizontalPodAutoscalerList kind list
   1 metadata meta.ListMeta             emit
   2 items    []HorizontalPodAutoscaler emit req

HorizontalPodAutoscalerSpec
   1 scaleTargetRef CrossVersionObjectReference      emit req
   2 minReplicas    int32?
   3 maxReplicas    int32                            emit req
   4 metrics        []MetricSpec                     list=atomic
   5 behavior       HorizontalPodAutoscalerBehavior?

HorizontalPodAutoscalerStatus
   1 observedGeneration int64?
   2 lastScaleTime      time?
   3 currentReplicas    int32
   4 desiredReplicas    int32                              emit req
   5 currentMetrics     []MetricStatus                     emit list=atomic
   6 conditions         []HorizontalPodAutoscalerCondition list=map(type) patch=merge(type)

MetricIdentifier
   1 name     string              emit req
   2 selector meta.LabelSelector?

MetricSpec
   1 type              string                         emit req enum=MetricSourceType
   2 object            ObjectMetricSource?
   3 pods              PodsMetricSource?
   4 resource          ResourceMetricSource?
   7 containerResource ContainerResourceMetricSource?
   5 external          ExternalMetricSource?

MetricStatus
   1 type              string                         emit req enum=MetricSourceType
   2 object            ObjectMetricStatus?
   3 pods              PodsMetricStatus?
   4 resource          ResourceMetricStatus?
   7 containerResource ContainerResourceMetricStatus?
   5 external          ExternalMetricStatus?

MetricTarget
   1 type               string    emit req enum=MetricTargetType
   2 value              quantity?
   3 averageValue       quantity?
   4 averageUtilization int32?

MetricValueStatus
   1 value              quantity?
   2 averageValue       quantity?
   3 averageUtilization int32?

ObjectMetricSource
   1 describedObject CrossVersionObjectReference emit req
   2 target          MetricTarget                emit req
   3 metric          MetricIdentifier            emit req

ObjectMetricStatus
   1 metric          MetricIdentifier            emit req
   2 current         MetricValueStatus           emit req
   3 describedObject CrossVersionObjectReference emit req

PodsMetricSource
   1 metric MetricIdentifier emit req
   2 target MetricTarget     emit req

PodsMetricStatus
   1 metric  MetricIdentifier  emit req
   2 current MetricValueStatus emit req

ResourceMetricSource
   1 name   string       emit req enum=io.k8s.api.core.v1.ResourceName
   2 target MetricTarget emit req

ResourceMetricStatus
   1 name    string            emit req enum=io.k8s.api.core.v1.ResourceName
   2 current MetricValueStatus emit req
`;
