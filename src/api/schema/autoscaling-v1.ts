// autoscaling/v1 messages (package io.k8s.api.autoscaling.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.autoscaling.v1. */
export const AUTOSCALING_V1 = `
enum MetricSourceType = Object | Pods | Resource | ContainerResource | External
open enum HorizontalPodAutoscalerConditionType = ScalingActive | AbleToScale | ScalingLimited | ScaledToZero

ContainerResourceMetricSource hidden
   1 name                     string    emit req enum=io.k8s.api.core.v1.ResourceName
   2 targetAverageUtilization int32?
   3 targetAverageValue       quantity?
   5 container                string    emit req

ContainerResourceMetricStatus hidden
   1 name                      string   emit req enum=io.k8s.api.core.v1.ResourceName
   2 currentAverageUtilization int32?
   3 currentAverageValue       quantity emit req
   4 container                 string   emit req

CrossVersionObjectReference atomic
   1 kind       string emit req
   2 name       string emit req
   3 apiVersion string

ExternalMetricSource hidden
   1 metricName         string              emit req
   2 metricSelector     meta.LabelSelector?
   3 targetValue        quantity?
   4 targetAverageValue quantity?

ExternalMetricStatus hidden
   1 metricName          string              emit req
   2 metricSelector      meta.LabelSelector?
   3 currentValue        quantity            emit req
   4 currentAverageValue quantity?

HorizontalPodAutoscaler kind
   1 metadata meta.ObjectMeta               emit
   2 spec     HorizontalPodAutoscalerSpec   emit req
   3 status   HorizontalPodAutoscalerStatus emit

HorizontalPodAutoscalerCondition hidden
   1 type               string emit req enum=HorizontalPodAutoscalerConditionType
   2 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string

HorizontalPodAutoscalerList kind list
   1 metadata meta.ListMeta             emit
   2 items    []HorizontalPodAutoscaler emit req

HorizontalPodAutoscalerSpec
   1 scaleTargetRef                 CrossVersionObjectReference emit req
   2 minReplicas                    int32?
   3 maxReplicas                    int32                       emit req
   4 targetCPUUtilizationPercentage int32?

HorizontalPodAutoscalerStatus
   1 observedGeneration              int64?
   2 lastScaleTime                   time?
   3 currentReplicas                 int32  emit req
   4 desiredReplicas                 int32  emit req
   5 currentCPUUtilizationPercentage int32?

MetricSpec hidden
   1 type              string                         emit req enum=MetricSourceType
   2 object            ObjectMetricSource?
   3 pods              PodsMetricSource?
   4 resource          ResourceMetricSource?
   7 containerResource ContainerResourceMetricSource?
   5 external          ExternalMetricSource?

MetricStatus hidden
   1 type              string                         emit req enum=MetricSourceType
   2 object            ObjectMetricStatus?
   3 pods              PodsMetricStatus?
   4 resource          ResourceMetricStatus?
   7 containerResource ContainerResourceMetricStatus?
   5 external          ExternalMetricStatus?

ObjectMetricSource hidden
   1 target       CrossVersionObjectReference emit req
   2 metricName   string                      emit req
   3 targetValue  quantity                    emit req
   4 selector     meta.LabelSelector?
   5 averageValue quantity?

ObjectMetricStatus hidden
   1 target       CrossVersionObjectReference emit req
   2 metricName   string                      emit req
   3 currentValue quantity                    emit req
   4 selector     meta.LabelSelector?
   5 averageValue quantity?

PodsMetricSource hidden
   1 metricName         string              emit req
   2 targetAverageValue quantity            emit req
   3 selector           meta.LabelSelector?

PodsMetricStatus hidden
   1 metricName          string              emit req
   2 currentAverageValue quantity            emit req
   3 selector            meta.LabelSelector?

ResourceMetricSource hidden
   1 name                     string    emit req enum=io.k8s.api.core.v1.ResourceName
   2 targetAverageUtilization int32?
   3 targetAverageValue       quantity?

ResourceMetricStatus hidden
   1 name                      string   emit req enum=io.k8s.api.core.v1.ResourceName
   2 currentAverageUtilization int32?
   3 currentAverageValue       quantity emit req

Scale kind
   1 metadata meta.ObjectMeta emit
   2 spec     ScaleSpec       emit
   3 status   ScaleStatus     emit

ScaleSpec
   1 replicas int32 default=0

ScaleStatus
   1 replicas int32  emit req
   2 selector string
`;
