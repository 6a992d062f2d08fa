// Names of compute resources: those of Kubernetes itself and those of devices. Pure.

/** Whether a name is Kubernetes' own: without a domain, or of kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Whether a name stands for what a device plugin offers, e.g. `example.com/gpu`. Quota names (`requests.…`) are none. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.');
}
