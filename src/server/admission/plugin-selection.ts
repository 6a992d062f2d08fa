// Which of the built-in plugins run: --enable-admission-plugins and --disable-admission-plugins. Names are upstream's. Pure.

/** What the operator asks for, by upstream's names. */
export interface PluginSelection {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
}

/** Plugins that run unless they are disabled. */
const DEFAULT_ON = [
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DefaultStorageClass',
  'DefaultTolerationSeconds',
  'LimitRanger',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'NamespaceLifecycle',
  'NodeDeclaredFeatureValidator',
  'NodeRestriction', // On in kts, as kubeadm and k3s set it: the nodes of a cluster are not to change each other.
  'PersistentVolumeClaimResize',
  'PodResizeValidator',
  'PodSecurity',
  'PodTopologyLabels',
  'Priority',
  'ResourceQuota',
  'RuntimeClass',
  'ServiceAccount',
  'StorageObjectInUseProtection',
  'TaintNodesByCondition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
] as const;

/** Plugins that run only when they are enabled. */
const DEFAULT_OFF = [
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'LimitPodHardAntiAffinityTopology',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
] as const;

const KNOWN: ReadonlySet<string> = new Set([...DEFAULT_ON, ...DEFAULT_OFF]);
const OFF: ReadonlySet<string> = new Set(DEFAULT_OFF);

/** What is wrong with a selection; undefined when nothing. */
export function selectionFault({ enable, disable }: PluginSelection): string | undefined {
  const unknown = [...enable, ...disable].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return `"${unknown}" is none of ${[...KNOWN].sort().join(', ')}`;
  const both = enable.find((name) => disable.includes(name));
  return both === undefined ? undefined : `${both} is both enabled and disabled`;
}

/** Whether a plugin runs. Those that are not for the operator to choose always do. */
export function isSelected(name: string, { enable, disable }: PluginSelection): boolean {
  return !disable.includes(name) && (!OFF.has(name) || enable.includes(name));
}
