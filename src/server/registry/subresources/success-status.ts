// The Status of an action that leaves nothing to show.

import type { KubeObject } from '../../../api/object.ts';

/** `{kind: Status, status: Success}` */
export function successStatus(): KubeObject {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return status;
}
