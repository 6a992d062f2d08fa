// Groups of the Kubernetes community (*.k8s.io, *.kubernetes.io): definitions in them name the review that approved them. KEP-1111.

/** The annotation. */
export const APPROVED_ANNOTATION = 'api-approved.kubernetes.io';

const WHERE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Whether definitions of a group need the annotation. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** What the annotation says. */
export interface ApprovalState {
  readonly state: 'missing' | 'invalid' | 'bypassed' | 'approved';
  /** For people. */
  readonly reason: string;
}

/** The approval of a definition by its annotations. */
export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): ApprovalState {
  const value = annotations?.[APPROVED_ANNOTATION] ?? '';
  const name = JSON.stringify(APPROVED_ANNOTATION);
  if (value === '') return { state: 'missing', reason: `protected groups must have approval annotation ${name}, ${WHERE}` };
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(value)}` };
  if (isUrl(value)) return { state: 'approved', reason: `approved in ${value}` };
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation ${name} with either a URL or a reason starting with "unapproved", ${WHERE}`,
  };
}

function isUrl(text: string): boolean {
  return /^[a-z][-+.a-z0-9]*:\/\/[^/]/i.test(text) && URL.canParse(text);
}
