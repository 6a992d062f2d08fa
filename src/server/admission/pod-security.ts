// PodSecurity: the labels of a namespace choose how much its pods may do. Pods that do more are refused, warned of or audited; what makes pods is
// only warned of or audited. Rules: "Pod Security Admission"; the checks are in api/pod-security.

import type { PodLike } from '../../api/pod-security/check.ts';
import { existingPodWarnings, isSignificantChange, podTemplateOf } from '../../api/pod-security/pod-review.ts';
import { compareLevels, formatLevel, policyOf, type SecurityPolicy, sameLevel } from '../../api/pod-security/pod-security-policy.ts';
import { violationsOf, violationsText } from '../../api/pod-security/security-checks.ts';
import { groupResourceString } from '../../api/resources.ts';
import { invalid } from '../../api/status-error.ts';
import type { Namespace, Pod } from '../../api/types/core-v1.gen.ts';
import { NAMESPACES, PODS } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { NO_CONFIGURATION, type PodSecurityConfiguration } from './admission-configuration.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const ANNOTATION = 'pod-security.kubernetes.io/';
/** Sub-resources of pods whose bodies change no spec. */
const IGNORED: ReadonlySet<string> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

/** What every review is given. */
interface Review {
  readonly request: AdmissionRequest;
  readonly reader: AdmissionReader;
  readonly configuration: PodSecurityConfiguration;
}

/** The plugin; `reader` answers for namespaces and their pods. */
export function podSecurityAdmission(
  reader: AdmissionReader,
  configuration: PodSecurityConfiguration = NO_CONFIGURATION.podSecurity,
): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request) {
      if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
      const review = { request, reader, configuration };
      if (isAbout(request, '', 'namespaces')) reviewNamespace(review);
      else if (request.resource.group === '' && request.resource.resource === 'pods') reviewPod(review);
      else reviewTemplate(review);
    },
  };
}

function reviewNamespace({ request, reader, configuration: { defaults, exemptions } }: Review): void {
  // The resource says what the objects are.
  const namespace = request.object as Namespace;
  const old = request.oldObject as Namespace | undefined;
  const { policy, errors } = policyOf(namespace.metadata.labels, defaults);
  const before = policyOf(old?.metadata.labels, defaults);
  // Labels that were wrong before do not stand in the way of other changes.
  const isNew = JSON.stringify(errors) !== JSON.stringify(before.errors);
  const { name = '' } = namespace.metadata;
  if (errors.length > 0 && (!old || isNew)) throw invalid({ group: '', resource: 'Namespace' }, name, errors);
  const { enforce } = policy;
  if (!old || enforce.level === 'privileged' || sameLevel(enforce, before.policy.enforce)) return;
  const isOpener = enforce.minor === before.policy.enforce.minor && compareLevels(enforce.level, before.policy.enforce.level) <= 0;
  if (isOpener || exemptions.namespaces.includes(name)) return;
  for (const warning of existingPodWarnings(name, heldPods(reader.list(PODS, name), exemptions), enforce)) request.warn(warning);
}

function reviewPod(review: Review): void {
  const { request } = review;
  if (IGNORED.has(request.subresource)) return;
  const policy = closedPolicy(review, ['enforce', 'audit', 'warn']);
  if (!policy) return;
  const pod = request.object as Pod; // The resource says so.
  if (request.oldObject && !isSignificantChange(pod, request.oldObject as Pod)) return;
  if (isExempt(review, pod)) return;
  request.annotate(`${ANNOTATION}enforce-policy`, formatLevel(policy.enforce));
  const violations = violationsOf(pod, policy.enforce);
  if (violations.length > 0) {
    audit(request, pod, policy);
    throw refusal(request, `violates PodSecurity "${formatLevel(policy.enforce)}": ${violationsText(violations)}`);
  }
  tell(request, pod, policy);
}

function reviewTemplate(review: Review): void {
  const { request } = review;
  if (request.subresource !== '' || !request.object) return;
  const template = podTemplateOf(groupResourceString(request.resource), request.object);
  const policy = template?.spec && closedPolicy(review, ['audit', 'warn']);
  if (policy && !isExempt(review, template)) tell(request, template, policy);
}

/** Whether the configuration lets the pod be; says so in the audit log. */
function isExempt({ request, configuration: { exemptions } }: Review, { spec }: PodLike): boolean {
  const exempt = (reason: string): true => {
    request.annotate(`${ANNOTATION}exempt`, reason);
    return true;
  };
  if (exemptions.namespaces.includes(request.namespace)) return exempt('namespace');
  if (exemptions.usernames.includes(request.user.name)) return exempt('user');
  return exemptions.runtimeClasses.includes(spec.runtimeClassName ?? '') ? exempt('runtimeClass') : false;
}

const heldPods = (pods: readonly Pod[], { runtimeClasses }: PodSecurityConfiguration['exemptions']): Pod[] =>
  pods.filter(({ spec }) => !runtimeClasses.includes(spec.runtimeClassName ?? ''));

/** The policy of the request's namespace; undefined when it lets everything pass in those modes. */
function closedPolicy({ request, reader, configuration }: Review, modes: readonly (keyof SecurityPolicy)[]): SecurityPolicy | undefined {
  const namespace = reader.get(NAMESPACES, { namespace: '', name: request.namespace });
  const { policy, errors } = policyOf(namespace?.metadata.labels, configuration.defaults);
  if (errors.length > 0) {
    const faults = errors.map(({ field, detail }) => `${field}: ${detail}`);
    request.annotate(`${ANNOTATION}error`, `Failed to parse policy: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`);
  }
  return errors.length > 0 || modes.some((mode) => policy[mode].level !== 'privileged') ? policy : undefined;
}

function tell(request: AdmissionRequest, pod: PodLike, policy: SecurityPolicy): void {
  audit(request, pod, policy);
  const violations = violationsOf(pod, policy.warn);
  if (violations.length > 0) request.warn(`would violate PodSecurity "${formatLevel(policy.warn)}": ${violationsText(violations)}`);
}

function audit(request: AdmissionRequest, pod: PodLike, policy: SecurityPolicy): void {
  const violations = violationsOf(pod, policy.audit);
  if (violations.length === 0) return;
  const text = `would violate PodSecurity "${formatLevel(policy.audit)}": ${violationsText(violations)}`;
  request.annotate(`${ANNOTATION}audit-violations`, text);
}
