// ImageLocality: prefers nodes that have the pod's images, the larger and the more widely spread the better.

import { MAX_SCORE, type ScorePlugin } from '../plugin.ts';

/** Below this an image is quick to pull, above the other (per container) more makes no difference. */
const MIN_BYTES = 23 * 1024 * 1024;
const MAX_BYTES_PER_CONTAINER = 1000 * 1024 * 1024;

/** The name of an image with its tag: `nginx` is `nginx:latest`. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

/** Sums the bytes of images already there, scaled by the share of nodes that have them. */
export const imageLocalityScore: ScorePlugin = {
  name: 'ImageLocality',
  prepare(pod, view) {
    const { containers, initContainers = [] } = pod.pod.spec;
    const images = [...containers, ...initContainers].map((c) => {
      const name = normalizedImageName(c.image ?? '');
      return { name, share: view.imageNodes(name) / view.nodes.length };
    });
    if (images.every((image) => image.share === 0)) return undefined;
    const maxBytes = MAX_BYTES_PER_CONTAINER * images.length;
    return {
      score(node) {
        let bytes = 0;
        for (const { name, share } of images) bytes += Math.floor((node.imageSizes.get(name) ?? 0) * share);
        const clamped = Math.min(Math.max(bytes, MIN_BYTES), maxBytes);
        return Math.floor((MAX_SCORE * (clamped - MIN_BYTES)) / (maxBytes - MIN_BYTES));
      },
    };
  },
};
