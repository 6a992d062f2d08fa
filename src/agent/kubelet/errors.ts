// Errors of the kubelet core. The text of those that stop a container is what the user reads in its status.

import { KtsError } from '../../base/errors.ts';

/**
 * - `kubelet-config`: a container's configuration cannot be made (CreateContainerConfigError): a missing ConfigMap, a bad user …
 * - `kubelet-image`: the image is not there and cannot be had; field `reason` is the waiting reason
 * - `kubelet-hook`: a lifecycle hook failed
 * - `kubelet-field-ref`: the downward API has no such field
 * - `kubelet-cgroup`: the pod's cgroup cannot be made
 * - `kubelet-resize`: a container cannot be brought to another size
 * - `kubelet-network`: the sandbox's network is not usable
 */
export type KubeletErrorCode =
  | 'kubelet-config'
  | 'kubelet-image'
  | 'kubelet-hook'
  | 'kubelet-field-ref'
  | 'kubelet-cgroup'
  | 'kubelet-resize'
  | 'kubelet-network';

/** An error of this part. */
export function kubeletError(
  code: KubeletErrorCode,
  message: string,
  options: { cause?: unknown; fields?: Record<string, unknown> } = {},
): KtsError<KubeletErrorCode> {
  return new KtsError<KubeletErrorCode>(code, message, options);
}
