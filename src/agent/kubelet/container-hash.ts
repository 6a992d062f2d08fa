// A hash of what a container was made from: a changed image (the only mutable field) makes a new container.

import { createHash } from 'node:crypto';
import type { Container } from '../../api/types/core-v1.gen.ts';

/** Hash of the fields a running container cannot take over; resources are not among them. */
export function containerHash(container: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([container.name, container.image]))
    .digest('hex')
    .slice(0, 16);
}
