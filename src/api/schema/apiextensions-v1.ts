// apiextensions.k8s.io/v1 messages (package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1. */
export const APIEXTENSIONS_V1 = `
open enum ConversionStrategyType = None | Webhook
open enum ResourceScope = Cluster | Namespaced
open enum ConditionStatus = True | False | Unknown
open enum CustomResourceDefinitionConditionType = Established | NamesAccepted | NonStructuralSchema | Terminating | KubernetesAPIApprovalPolicyConformant | StorageMigrating
enum FieldValueErrorReason = FieldValueRequired | FieldValueDuplicate | FieldValueInvalid | FieldValueForbidden

ConversionRequest hidden
   1 uid               string emit req
   2 desiredAPIVersion string emit req
   3 objects           []raw  emit req list=atomic

ConversionResponse hidden
   1 uid              string      emit req
   2 convertedObjects []raw       emit req list=atomic
   3 result           meta.Status emit req

ConversionReview typed hidden
   1 request  ConversionRequest?
   2 response ConversionResponse?

CustomResourceColumnDefinition
   1 name        string emit req
   2 type        string emit req
   3 format      string
   4 description string
   5 priority    int32
   6 jsonPath    string emit req

CustomResourceConversion
   1 strategy string             emit req enum=ConversionStrategyType
   2 webhook  WebhookConversion?

CustomResourceDefinition kind
   1 metadata meta.ObjectMeta                emit
   2 spec     CustomResourceDefinitionSpec   emit req
   3 status   CustomResourceDefinitionStatus emit

CustomResourceDefinitionCondition
   1 type               string emit req enum=CustomResourceDefinitionConditionType
   2 status             string emit req enum=ConditionStatus
   3 lastTransitionTime time   emit
   4 reason             string
   5 message            string
   6 observedGeneration int64  gate=CRDObservedGenerationTracking

CustomResourceDefinitionList kind list
   1 metadata meta.ListMeta              emit
   2 items    []CustomResourceDefinition emit req

CustomResourceDefinitionNames
   1 plural     string   emit req
   2 singular   string
   3 shortNames []string list=atomic
   4 kind       string   emit req
   5 listKind   string
   6 categories []string list=atomic

CustomResourceDefinitionSpec
   1 group                 string                            emit req
   3 names                 CustomResourceDefinitionNames     emit req
   4 scope                 string                            emit req enum=ResourceScope
   7 versions              []CustomResourceDefinitionVersion emit req list=atomic
   9 conversion            CustomResourceConversion?
  10 preserveUnknownFields bool

CustomResourceDefinitionStatus
   1 conditions         []CustomResourceDefinitionCondition emit list=map(type)
   2 acceptedNames      CustomResourceDefinitionNames       emit
   3 storedVersions     []string                            emit list=atomic
   4 observedGeneration int64                               gate=CRDObservedGenerationTracking

CustomResourceDefinitionVersion
   1 name                     string                           emit req
   2 served                   bool                             emit req
   3 storage                  bool                             emit req
   7 deprecated               bool
   8 deprecationWarning       string?
   4 schema                   CustomResourceValidation?
   5 subresources             CustomResourceSubresources?
   6 additionalPrinterColumns []CustomResourceColumnDefinition list=atomic
   9 selectableFields         []SelectableField                list=atomic gate=CustomResourceFieldSelectors

CustomResourceSubresourceScale
   1 specReplicasPath   string  emit req
   2 statusReplicasPath string  emit req
   3 labelSelectorPath  string?

CustomResourceSubresourceStatus

CustomResourceSubresources
   1 status CustomResourceSubresourceStatus?
   2 scale  CustomResourceSubresourceScale?

CustomResourceValidation
   1 openAPIV3Schema JSONSchemaProps?

ExternalDocumentation
   1 description string
   2 url         string

JSONSchemaProps
   1 id                                   string
   2 $schema                              string                                  proto=schema
   3 $ref                                 string?                                 proto=ref
   4 description                          string
   5 type                                 string
   6 format                               string
   7 title                                string
   8 default                              json?
   9 maximum                              double?
  10 exclusiveMaximum                     bool
  11 minimum                              double?
  12 exclusiveMinimum                     bool
  13 maxLength                            int64?
  14 minLength                            int64?
  15 pattern                              string
  16 maxItems                             int64?
  17 minItems                             int64?
  18 uniqueItems                          bool
  19 multipleOf                           double?
  20 enum                                 []json                                  list=atomic
  21 maxProperties                        int64?
  22 minProperties                        int64?
  23 required                             []string                                list=atomic
  24 items                                JSONSchemaPropsOrArray?
  25 allOf                                []JSONSchemaProps                       list=atomic
  26 oneOf                                []JSONSchemaProps                       list=atomic
  27 anyOf                                []JSONSchemaProps                       list=atomic
  28 not                                  JSONSchemaProps?
  29 properties                           map[string]JSONSchemaProps
  30 additionalProperties                 JSONSchemaPropsOrBool?
  31 patternProperties                    map[string]JSONSchemaProps
  32 dependencies                         map[string]JSONSchemaPropsOrStringArray
  33 additionalItems                      JSONSchemaPropsOrBool?
  34 definitions                          map[string]JSONSchemaProps
  35 externalDocs                         ExternalDocumentation?
  36 example                              json?
  37 nullable                             bool
  38 x-kubernetes-preserve-unknown-fields bool?                                   proto=xKubernetesPreserveUnknownFields
  39 x-kubernetes-embedded-resource       bool                                    proto=xKubernetesEmbeddedResource
  40 x-kubernetes-int-or-string           bool                                    proto=xKubernetesIntOrString
  41 x-kubernetes-list-map-keys           []string                                list=atomic proto=xKubernetesListMapKeys
  42 x-kubernetes-list-type               string?                                 proto=xKubernetesListType
  43 x-kubernetes-map-type                string?                                 proto=xKubernetesMapType
  44 x-kubernetes-validations             []ValidationRule                        list=map(rule) patch=merge(rule) proto=xKubernetesValidations

JSONSchemaPropsOrArray form=schemaOrArray
   1 ~ JSONSchemaProps   proto=schema
   2 ~ []JSONSchemaProps proto=jSONSchemas

JSONSchemaPropsOrBool form=schemaOrBool
   1 ~ bool            proto=allows
   2 ~ JSONSchemaProps proto=schema

JSONSchemaPropsOrStringArray form=schemaOrStringArray
   1 ~ JSONSchemaProps proto=schema
   2 ~ []string        proto=property

SelectableField
   1 jsonPath string emit req

ServiceReference
   1 namespace string  emit req
   2 name      string  emit req
   3 path      string?
   4 port      int32?

ValidationRule
   1 rule              string  emit req
   2 message           string
   3 messageExpression string
   4 reason            string? enum=FieldValueErrorReason
   5 fieldPath         string
   6 optionalOldSelf   bool?   gate=CRDValidationRatcheting

WebhookClientConfig
   3 url      string?
   1 service  ServiceReference?
   2 caBundle bytes

WebhookConversion
   2 clientConfig             WebhookClientConfig?
   3 conversionReviewVersions []string             emit req list=atomic
`;
