// admissionregistration.k8s.io/v1 messages (package io.k8s.api.admissionregistration.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.admissionregistration.v1. */
export const ADMISSIONREGISTRATION_V1 = `
enum ScopeType = Cluster | Namespaced | *
enum FailurePolicyType = Ignore | Fail
open enum ParameterNotFoundActionType = Allow | Deny
enum MatchPolicyType = Exact | Equivalent
enum SideEffectClass = Unknown | None | Some | NoneOnDryRun
enum ValidationAction = Deny | Warn | Audit
enum PatchType = ApplyConfiguration | JSONPatch
enum ReinvocationPolicyType = Never | IfNeeded
enum OperationType = * | CREATE | UPDATE | DELETE | CONNECT

ApplyConfiguration
   1 expression string

AuditAnnotation
   1 key             string emit req
   2 valueExpression string emit req

ExpressionWarning
   2 fieldRef string emit req
   3 warning  string emit req

JSONPatch
   1 expression string

MatchCondition
   1 name       string emit req
   2 expression string emit req

MatchResources atomic
   1 namespaceSelector    meta.LabelSelector?
   2 objectSelector       meta.LabelSelector?
   3 resourceRules        []NamedRuleWithOperations list=atomic
   4 excludeResourceRules []NamedRuleWithOperations list=atomic
   7 matchPolicy          string?                   enum=MatchPolicyType

MutatingAdmissionPolicy kind
   1 metadata meta.ObjectMeta             emit
   2 spec     MutatingAdmissionPolicySpec emit

MutatingAdmissionPolicyBinding kind
   1 metadata meta.ObjectMeta                    emit
   2 spec     MutatingAdmissionPolicyBindingSpec emit

MutatingAdmissionPolicyBindingList kind list
   1 metadata meta.ListMeta                    emit
   2 items    []MutatingAdmissionPolicyBinding emit req

MutatingAdmissionPolicyBindingSpec
   1 policyName     string
   2 paramRef       ParamRef?
   3 matchResources MatchResources?

MutatingAdmissionPolicyList kind list
   1 metadata meta.ListMeta             emit
   2 items    []MutatingAdmissionPolicy emit req

MutatingAdmissionPolicySpec
   1 paramKind          ParamKind?
   2 matchConstraints   MatchResources?
   3 variables          []Variable       list=atomic
   4 mutations          []Mutation       list=atomic
   5 failurePolicy      string?          enum=FailurePolicyType
   6 matchConditions    []MatchCondition list=map(name) patch=merge(name)
   7 reinvocationPolicy string           enum=ReinvocationPolicyType

MutatingWebhook
   1 name                    string               emit req
   2 clientConfig            WebhookClientConfig  emit req
   3 rules                   []RuleWithOperations list=atomic
   4 failurePolicy           string?              enum=FailurePolicyType
   9 matchPolicy             string?              enum=MatchPolicyType
   5 namespaceSelector       meta.LabelSelector?
  11 objectSelector          meta.LabelSelector?
   6 sideEffects             string?              emit req enum=SideEffectClass
   7 timeoutSeconds          int32?
   8 admissionReviewVersions []string             emit req list=atomic
  10 reinvocationPolicy      string?              enum=ReinvocationPolicyType
  12 matchConditions         []MatchCondition     list=map(name) patch=merge(name)

MutatingWebhookConfiguration kind
   1 metadata meta.ObjectMeta   emit
   2 webhooks []MutatingWebhook list=map(name) patch=merge(name) proto=Webhooks

MutatingWebhookConfigurationList kind list
   1 metadata meta.ListMeta                  emit
   2 items    []MutatingWebhookConfiguration emit req

Mutation
   2 patchType          string              emit req enum=PatchType discriminator
   3 applyConfiguration ApplyConfiguration?
   4 jsonPatch          JSONPatch?

NamedRuleWithOperations atomic
   1 resourceNames []string           list=atomic
   2 *             RuleWithOperations inline proto=ruleWithOperations

ParamKind atomic
   1 apiVersion string
   2 kind       string

ParamRef atomic
   1 name                    string
   2 namespace               string
   3 selector                meta.LabelSelector?
   4 parameterNotFoundAction string?             enum=ParameterNotFoundActionType

Rule hidden
   1 apiGroups   []string list=atomic
   2 apiVersions []string list=atomic
   3 resources   []string list=atomic
   4 scope       string?  enum=ScopeType

RuleWithOperations
   1 operations []string list=atomic enum=OperationType
   2 *          Rule     inline proto=rule

ServiceReference
   1 namespace string  emit req
   2 name      string  emit req
   3 path      string?
   4 port      int32?

TypeChecking
   1 expressionWarnings []ExpressionWarning list=atomic

ValidatingAdmissionPolicy kind
   1 metadata meta.ObjectMeta                 emit
   2 spec     ValidatingAdmissionPolicySpec   emit
   3 status   ValidatingAdmissionPolicyStatus emit

ValidatingAdmissionPolicyBinding kind
   1 metadata meta.ObjectMeta                      emit
   2 spec     ValidatingAdmissionPolicyBindingSpec emit req

ValidatingAdmissionPolicyBindingList kind list
   1 metadata meta.ListMeta                      emit
   2 items    []ValidatingAdmissionPolicyBinding emit req

ValidatingAdmissionPolicyBindingSpec
   1 policyName        string          req
   2 paramRef          ParamRef?
   3 matchResources    MatchResources?
   4 validationActions []string        req list=set enum=ValidationAction

ValidatingAdmissionPolicyList kind list
   1 metadata meta.ListMeta               emit
   2 items    []ValidatingAdmissionPolicy emit req

ValidatingAdmissionPolicySpec
   1 paramKind        ParamKind?
   2 matchConstraints MatchResources?
   3 validations      []Validation      list=atomic
   4 failurePolicy    string?           enum=FailurePolicyType
   5 auditAnnotations []AuditAnnotation list=atomic
   6 matchConditions  []MatchCondition  list=map(name) patch=merge(name)
   7 variables        []Variable        list=map(name) patch=merge(name)

ValidatingAdmissionPolicyStatus
   1 observedGeneration int64
   2 typeChecking       TypeChecking?
   3 conditions         []meta.Condition list=map(type)

ValidatingWebhook
   1 name                    string               emit req
   2 clientConfig            WebhookClientConfig  emit req
   3 rules                   []RuleWithOperations list=atomic
   4 failurePolicy           string?              enum=FailurePolicyType
   9 matchPolicy             string?              enum=MatchPolicyType
   5 namespaceSelector       meta.LabelSelector?
  10 objectSelector          meta.LabelSelector?
   6 sideEffects             string?              emit req enum=SideEffectClass
   7 timeoutSeconds          int32?
   8 admissionReviewVersions []string             emit req list=atomic
  11 matchConditions         []MatchCondition     list=map(name) patch=merge(name)

ValidatingWebhookConfiguration kind
   1 metadata meta.ObjectMeta     emit
   2 webhooks []ValidatingWebhook list=map(name) patch=merge(name) proto=Webhooks

ValidatingWebhookConfigurationList kind list
   1 metadata meta.ListMeta                    emit
   2 items    []ValidatingWebhookConfiguration emit req

Validation
   1 expression        string  emit req proto=Expression
   2 message           string
   3 reason            string? enum=io.k8s.apimachinery.pkg.apis.meta.v1.StatusReason
   4 messageExpression string

Variable atomic
   1 name       string emit req proto=Name
   2 expression string emit req proto=Expression

WebhookClientConfig
   3 url      string?
   1 service  ServiceReference?
   2 caBundle bytes
`;
