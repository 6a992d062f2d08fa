// Mounts of this machine: the table of the kernel, and mount(8) and umount(8).

import { readFile } from 'node:fs/promises';
import { type Exec, runOk } from '../../../base/exec.ts';

/** A mount to be made. */
export interface MountRequest {
  readonly source: string;
  readonly target: string;
  /** Absent for bind mounts. */
  readonly type?: string;
  readonly options?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A server of a network file system that is away must not hold a pod for ever; upstream gives such mounts 2 minutes. */
const MOUNT_TIMEOUT_MS = 120_000;

/** Makes and ends mounts. */
export class Mounter {
  readonly #exec: Exec;

  constructor(deps: { readonly exec: Exec }) {
    this.#exec = deps.exec;
  }

  /** @throws KtsError `exec-exit` with what mount(8) said */
  async mount(request: MountRequest): Promise<void> {
    const type = request.type ? ['-t', request.type] : [];
    const options = request.options?.length ? ['-o', request.options.join(',')] : [];
    // -n: no /etc/mtab; -c: the source of a bind may be a path through /proc that must not be resolved to a name again.
    const literal = request.type === undefined ? ['-c'] : [];
    await runOk(this.#exec, 'mount', ['-n', ...literal, ...type, ...options, request.source, request.target], {
      timeoutMs: MOUNT_TIMEOUT_MS,
      ...(request.signal && { signal: request.signal }),
    });
  }

  /** Ends the mount on top of `target`. A busy one is detached: it goes when its last user does. */
  async unmount(target: string): Promise<void> {
    // A network file system whose server is away holds umount until its time is over: then too it is detached.
    const plain = await this.#exec.run('umount', ['-n', target]).catch(() => undefined);
    if (plain?.code !== 0) await runOk(this.#exec, 'umount', ['-n', '-l', target]);
  }

  /** Paths of all mounts at or below `directory`, in the order in which they have to be unmounted. */
  async mountsBelow(directory: string): Promise<readonly string[]> {
    const points = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
    return points.filter((point) => point === directory || point.startsWith(`${directory}/`)).reverse();
  }

  /** Whether something is mounted at `path`. */
  async isMountPoint(path: string): Promise<boolean> {
    return mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).includes(path);
  }
}

/** Mount points of a mountinfo file (proc(5)), in order of mounting, octal escapes undone. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point !== '')
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
}
