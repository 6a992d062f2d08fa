// Has the image of a container ready: by its policy, from what is there or by a pull, with back-off and the events users know.

import type { Container, Pod, Secret } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Image } from '../../cri/messages.gen.ts';
import type { ImageService } from '../../cri/runtime.ts';
import { Backoffs } from './crash-backoff.ts';
import { kubeletError } from './errors.ts';
import { defaultPullPolicy, formatImageName, parseImageName } from './image-name.ts';
import { pullAuths, type RegistryAuth } from './pull-secrets.ts';
import { Semaphore } from './semaphore.ts';

/** Says something about the container whose image it is. */
export type Say = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** What a puller needs. */
export interface ImagePullerDeps {
  readonly images: Pick<ImageService, 'imageStatus' | 'pullImage'>;
  readonly clock: Clock;
}

/** What one request is about. */
export interface ImageRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly say: Say;
  /** The pod's pull secrets, read when a pull is needed. */
  secrets(): Promise<readonly Secret[]>;
}

/** For so long a pull that failed is told as ErrImagePull, then as ImagePullBackOff; less than the shortest back-off. */
const ERROR_SHOWN_MS = 5000;

/** Gives images to containers. */
export class ImagePuller {
  readonly #deps: ImagePullerDeps;
  readonly #pulls: Semaphore;
  readonly #backoffs = new Backoffs();
  /** The last failure by pod and image, for the text of ImagePullBackOff. Dropped with the pod. */
  readonly #failures = new Map<string, { readonly atMs: number; readonly message: string }>();

  /** `parallel`: how many pulls at a time; upstream's default is one after the other. */
  constructor(options: { readonly parallel: number }, deps: ImagePullerDeps) {
    this.#deps = deps;
    this.#pulls = new Semaphore(options.parallel);
  }

  /**
   * The image, present.
   * @throws KtsError `kubelet-image`: field `reason` is the waiting reason (ErrImagePull, ImagePullBackOff …), `retryMs` when to come again.
   */
  async ensure(request: ImageRequest, signal: AbortSignal): Promise<Image> {
    const { container, say } = request;
    const image = container.image ?? '';
    const name = parseImageName(image);
    if (!name) {
      const why = `couldn't parse image name "${image}": invalid reference format`;
      say('Warning', 'InspectFailed', `Failed to apply default image tag "${image}": ${why}`);
      throw failure('InvalidImageName', `Failed to apply default image tag "${image}": ${why}`);
    }
    const full = formatImageName(name);
    const policy = container.imagePullPolicy ?? defaultPullPolicy(image);
    const present = policy === 'Always' ? undefined : await this.#deps.images.imageStatus(full, { signal });
    if (present) {
      say('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      say('Warning', 'ErrImageNeverPull', message);
      throw failure('ErrImageNeverPull', message);
    }
    return this.#pull(request, full, signal);
  }

  /** Drops what is remembered of a pod. */
  forget(podUid: string): void {
    this.#backoffs.forget(`${podUid}/`);
    for (const key of this.#failures.keys()) if (key.startsWith(`${podUid}/`)) this.#failures.delete(key);
  }

  async #pull(request: ImageRequest, full: string, signal: AbortSignal): Promise<Image> {
    const { container, pod, say } = request;
    const { clock } = this.#deps;
    const image = container.image ?? '';
    const key = `${pod.metadata.uid}/${full}`;
    const last = this.#failures.get(key);
    const left = last ? last.atMs + this.#backoffs.delay(key, last.atMs) - clock.now() : 0;
    if (last && left > 0) {
      say('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      throw failure('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${last.message}`, left);
    }
    say('Normal', 'Pulling', `Pulling image "${image}"`);
    const asked = clock.monotonic();
    try {
      return await this.#pulls.run(async () => {
        const began = clock.monotonic();
        const found = await this.#pullWithAuths(full, await request.secrets(), signal);
        const took = formatGoDuration(clock.monotonic() - began);
        const total = formatGoDuration(clock.monotonic() - asked);
        say(
          'Normal',
          'Pulled',
          `Successfully pulled image "${image}" in ${took} (${total} including waiting). Image size: ${found.size} bytes.`,
        );
        this.#failures.delete(key);
        return found;
      }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const message = messageOf(error);
      say('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      const atMs = clock.now();
      this.#backoffs.next(key, atMs, atMs);
      this.#failures.set(key, { atMs, message });
      throw failure('ErrImagePull', message, ERROR_SHOWN_MS);
    }
  }

  /** Tries each fitting credential, or none; the last failure is the one reported. */
  async #pullWithAuths(full: string, secrets: readonly Secret[], signal: AbortSignal): Promise<Image> {
    const { images } = this.#deps;
    const auths: (RegistryAuth | undefined)[] = [...pullAuths(full, secrets)];
    if (auths.length === 0) auths.push(undefined);
    let last: unknown;
    for (const auth of auths) {
      try {
        const ref = await images.pullImage(full, auth, { signal });
        const found = (await images.imageStatus(ref, { signal })) ?? (await images.imageStatus(full, { signal }));
        if (found) return found;
        last = kubeletError('kubelet-image', `image ${full} was pulled and is not there`);
      } catch (error) {
        if (signal.aborted) throw error;
        last = error;
      }
    }
    throw last;
  }
}

/** A failure; `retryMs` after which to try again (absent: when something changes). */
function failure(reason: string, message: string, retryMs?: number): Error {
  return kubeletError('kubelet-image', message, { fields: { reason, ...(retryMs !== undefined && { retryMs }) } });
}

/** A duration as Go prints it, cut to milliseconds: `850ms`, `1.5s`, `1m2.5s`. */
export function formatGoDuration(ms: number): string {
  const whole = Math.trunc(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = Number(((whole % 60_000) / 1000).toFixed(3));
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds}s`;
  return hours === 0 ? `${minutes}m${seconds}s` : `${hours}h${minutes % 60}m${seconds}s`;
}
