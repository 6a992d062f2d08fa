// RuntimeService and ImageService over containerd's socket.

import { decodeCri, encodeCri, type Input } from './codec.ts';
import { criError, isCriNotFound } from './errors.ts';
import type { CallOptions, GrpcChannel } from './grpc-channel.ts';
import type * as cri from './messages.gen.ts';
import type { ImageService, RuntimeEvent, RuntimeService } from './runtime.ts';
import { type CriMethod, criMethods } from './schema/schema.ts';

type Unary = cri.CriUnaryMethods;

/** A call that only reads or changes a record: containerd answers in milliseconds, on a slow disk in seconds. */
const SHORT_MS = 120_000;
/** Making or ending a sandbox or container: CNI, the kernel and a slow disk take part. Upstream's runtime request timeout is 2 min. */
const LONG_MS = 240_000;
/** Added to a grace period or a command's own timeout before the call itself is given up. */
const SLACK_MS = 30_000;

const EVENT_FILTERS = ['/tasks/start', '/tasks/exit', '/tasks/oom'].map((topic) => `namespace==k8s.io,topic=="${topic}"`);

/** containerd by its socket. The channel is the caller's: it closes it. */
export class ContainerdClient implements RuntimeService, ImageService {
  readonly #channel: GrpcChannel;
  readonly #methods: ReadonlyMap<string, CriMethod>;

  constructor(channel: GrpcChannel) {
    this.#channel = channel;
    this.#methods = new Map(criMethods().map((m) => [m.name, m]));
  }

  /** Any unary CRI method by name. @throws KtsError of errors.ts */
  async call<M extends keyof Unary>(
    method: M,
    request: Input<Unary[M]['request']>,
    options: CallOptions = {},
  ): Promise<Unary[M]['response']> {
    const row = this.#methods.get(method);
    if (!row) throw new RangeError(`no CRI method ${method}`);
    const bytes = encodeCri(row.request as keyof cri.CriMessages, request as never); // The table of methods pairs names and messages.
    const answer = await this.#channel.unary(`/runtime.v1.${row.service}/${method}`, bytes, { timeoutMs: SHORT_MS, ...options });
    return decodeCri(row.response as keyof cri.CriMessages, answer) as Unary[M]['response'];
  }

  /** Version of containerd itself. */
  async containerdVersion(options: CallOptions = {}): Promise<string> {
    const answer = await this.#channel.unary('/containerd.services.version.v1.Version/Version', new Uint8Array(), {
      timeoutMs: SHORT_MS,
      ...options,
    });
    return decodeCri('ContainerdVersionResponse', answer).version;
  }

  async runPodSandbox(config: Input<cri.PodSandboxConfig>, runtimeHandler: string, options?: CallOptions): Promise<string> {
    return (await this.call('RunPodSandbox', { config, runtimeHandler }, { timeoutMs: LONG_MS, ...options })).podSandboxId;
  }

  async stopPodSandbox(podSandboxId: string, options?: CallOptions): Promise<void> {
    await gone(this.call('StopPodSandbox', { podSandboxId }, { timeoutMs: LONG_MS, ...options }));
  }

  async removePodSandbox(podSandboxId: string, options?: CallOptions): Promise<void> {
    await gone(this.call('RemovePodSandbox', { podSandboxId }, { timeoutMs: LONG_MS, ...options }));
  }

  async podSandboxStatus(podSandboxId: string, options?: CallOptions): Promise<cri.PodSandboxStatus> {
    const { status } = await this.call('PodSandboxStatus', { podSandboxId }, options);
    return present(status, 'PodSandboxStatus');
  }

  async listPodSandboxes(filter?: Input<cri.PodSandboxFilter>, options?: CallOptions): Promise<readonly cri.PodSandbox[]> {
    return (await this.call('ListPodSandbox', { filter }, options)).items;
  }

  async createContainer(request: Input<cri.CreateContainerRequest>, options?: CallOptions): Promise<string> {
    return (await this.call('CreateContainer', request, { timeoutMs: LONG_MS, ...options })).containerId;
  }

  async startContainer(containerId: string, options?: CallOptions): Promise<void> {
    await this.call('StartContainer', { containerId }, { timeoutMs: LONG_MS, ...options });
  }

  async stopContainer(containerId: string, graceSeconds: number, options?: CallOptions): Promise<void> {
    const timeoutMs = graceSeconds * 1000 + LONG_MS;
    await gone(this.call('StopContainer', { containerId, timeout: graceSeconds }, { timeoutMs, ...options }));
  }

  async removeContainer(containerId: string, options?: CallOptions): Promise<void> {
    await gone(this.call('RemoveContainer', { containerId }, { timeoutMs: LONG_MS, ...options }));
  }

  async containerStatus(containerId: string, options?: CallOptions): Promise<cri.ContainerStatus> {
    const { status } = await this.call('ContainerStatus', { containerId }, options);
    return present(status, 'ContainerStatus');
  }

  async listContainers(filter?: Input<cri.ContainerFilter>, options?: CallOptions): Promise<readonly cri.Container[]> {
    return (await this.call('ListContainers', { filter }, options)).containers;
  }

  async updateContainerResources(containerId: string, linux: Input<cri.LinuxContainerResources>, options?: CallOptions): Promise<void> {
    await this.call('UpdateContainerResources', { containerId, linux }, options);
  }

  async reopenContainerLog(containerId: string, options?: CallOptions): Promise<void> {
    await this.call('ReopenContainerLog', { containerId }, options);
  }

  async execSync(containerId: string, cmd: readonly string[], timeoutMs: number, options?: CallOptions): Promise<cri.ExecSyncResponse> {
    const timeout = Math.ceil(timeoutMs / 1000); // CRI counts whole seconds
    const { timeoutMs: _, ...rest } = { timeoutMs: 0, ...options };
    const answer = await this.#execSync({ containerId, cmd, timeout }, timeoutMs > 0 ? timeout * 1000 + SLACK_MS : undefined, rest);
    return decodeCri('ExecSyncResponse', answer);
  }

  #execSync(request: Input<cri.ExecSyncRequest>, timeoutMs: number | undefined, rest: CallOptions): Promise<Uint8Array> {
    const path = '/runtime.v1.RuntimeService/ExecSync';
    return this.#channel.unary(path, encodeCri('ExecSyncRequest', request), { ...rest, ...(timeoutMs !== undefined && { timeoutMs }) });
  }

  async exec(request: Input<cri.ExecRequest>, options?: CallOptions): Promise<string> {
    return (await this.call('Exec', request, options)).url;
  }

  async attach(request: Input<cri.AttachRequest>, options?: CallOptions): Promise<string> {
    return (await this.call('Attach', request, options)).url;
  }

  async portForward(request: Input<cri.PortForwardRequest>, options?: CallOptions): Promise<string> {
    return (await this.call('PortForward', request, options)).url;
  }

  async containerStats(containerId: string, options?: CallOptions): Promise<cri.ContainerStats | undefined> {
    return (await this.call('ContainerStats', { containerId }, options)).stats;
  }

  async listContainerStats(filter?: Input<cri.ContainerStatsFilter>, options?: CallOptions): Promise<readonly cri.ContainerStats[]> {
    return (await this.call('ListContainerStats', { filter }, options)).stats;
  }

  async podSandboxStats(podSandboxId: string, options?: CallOptions): Promise<cri.PodSandboxStats | undefined> {
    return (await this.call('PodSandboxStats', { podSandboxId }, options)).stats;
  }

  async listPodSandboxStats(filter?: Input<cri.PodSandboxStatsFilter>, options?: CallOptions): Promise<readonly cri.PodSandboxStats[]> {
    return (await this.call('ListPodSandboxStats', { filter }, options)).stats;
  }

  version(options?: CallOptions): Promise<cri.VersionResponse> {
    return this.call('Version', {}, options);
  }

  status(options?: CallOptions): Promise<cri.StatusResponse> {
    return this.call('Status', {}, options);
  }

  runtimeConfig(options?: CallOptions): Promise<cri.RuntimeConfigResponse> {
    return this.call('RuntimeConfig', {}, options);
  }

  async listImages(options?: CallOptions): Promise<readonly cri.Image[]> {
    return (await this.call('ListImages', {}, options)).images;
  }

  async imageStatus(image: string, options?: CallOptions): Promise<cri.Image | undefined> {
    return (await this.call('ImageStatus', { image: { image } }, options)).image;
  }

  async pullImage(image: string, auth: Input<cri.AuthConfig> | undefined, options?: CallOptions): Promise<string> {
    // No time limit of our own: containerd gives a pull up that makes no progress.
    const bytes = encodeCri('PullImageRequest', { image: { image }, auth });
    return decodeCri('PullImageResponse', await this.#channel.unary('/runtime.v1.ImageService/PullImage', bytes, options)).imageRef;
  }

  async removeImage(image: string, options?: CallOptions): Promise<void> {
    await gone(this.call('RemoveImage', { image: { image } }, { timeoutMs: LONG_MS, ...options }));
  }

  imageFsInfo(options?: CallOptions): Promise<cri.ImageFsInfoResponse> {
    return this.call('ImageFsInfo', {}, options);
  }

  async *events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    const request = encodeCri('SubscribeRequest', { filters: EVENT_FILTERS });
    for await (const bytes of this.#channel.serverStream('/containerd.services.events.v1.Events/Subscribe', request, signal)) {
      const event = runtimeEvent(decodeCri('EventEnvelope', bytes));
      if (event) yield event;
    }
  }
}

/** The event of an envelope; `undefined` for what is not about a main process (an exec that ended). */
function runtimeEvent(envelope: cri.EventEnvelope): RuntimeEvent | undefined {
  const value = envelope.event?.value ?? new Uint8Array();
  if (envelope.topic === '/tasks/start') return { type: 'start', containerId: decodeCri('TaskStart', value).containerId };
  if (envelope.topic === '/tasks/oom') return { type: 'oom', containerId: decodeCri('TaskOom', value).containerId };
  if (envelope.topic !== '/tasks/exit') return undefined;
  const { containerId, id } = decodeCri('TaskExit', value);
  return id === containerId ? { type: 'exit', containerId } : undefined;
}

/** Waits for the end of something that may be gone already. */
async function gone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isCriNotFound(error)) throw error;
  }
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw criError('cri-protocol', `the runtime sent an empty ${what}`);
  return value;
}
