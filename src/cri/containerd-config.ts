// containerd's configuration file as a pure function of what it depends on. The keys are those of containerd's documentation,
// docs/cri/config.md: version 2 (containerd 1.6, 1.7) and version 3 (2.x).

/** A runtime that containerd may use for sandboxes. */
export interface RuntimeProgram {
  /** Handler name, `crun` or `runc`. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** What the file says. All paths are absolute. */
export interface ContainerdSettings {
  /** Major version of containerd. */
  readonly major: number;
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly sandboxImage: string;
  /** The first one is the default. */
  readonly runtimes: readonly RuntimeProgram[];
  readonly systemdCgroup: boolean;
  /** This process may not lower oom_score_adj (no CAP_SYS_RESOURCE): containerd must not try. */
  readonly restrictOomScoreAdj: boolean;
  readonly snapshotter: 'overlayfs' | 'native';
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** Directory of hosts.toml files by registry. */
  readonly registryConfigDir: string;
}

/** Plugins that are of no use here; `opt` would make /opt/containerd. */
const DISABLED = [
  ...['aufs', 'btrfs', 'devmapper', 'zfs', 'blockfile'].map((name) => `io.containerd.snapshotter.v1.${name}`),
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
];

/**
 * Annotation of a container that crun and runc hand to systemd as the property of its scope (runc's docs/systemd-properties.md; crun does
 * the same); without systemd they ignore it. Annotations of pods are not passed on: those are their users'.
 */
export const SCOPE_STOP_TIMEOUT = 'org.systemd.property.TimeoutStopUSec';

type Value = string | number | boolean | readonly string[];
type Section = readonly [header: string, values: Readonly<Record<string, Value>>];

/** The file's text. */
export function containerdConfig(settings: ContainerdSettings): string {
  const head: Record<string, Value> = {
    version: settings.major >= 2 ? 3 : 2,
    root: settings.root,
    state: settings.state,
    disabled_plugins: DISABLED,
    ...(!settings.restrictOomScoreAdj && { oom_score: -999 }),
  };
  const sections: Section[] = [
    ['', head],
    ['grpc', { address: settings.socket }],
    ['ttrpc', { address: `${settings.socket}.ttrpc` }],
    ['debug', { level: 'warn' }],
    ...(settings.major >= 2 ? pluginsV3(settings) : pluginsV2(settings)),
  ];
  return `# Written by kts at each start. Changes are lost.\n${sections.map(toml).join('\n')}`;
}

function pluginsV2(settings: ContainerdSettings): Section[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    [cri, { sandbox_image: settings.sandboxImage, ...commonCri(settings) }],
    [`${cri}.containerd`, { snapshotter: settings.snapshotter, default_runtime_name: defaultRuntime(settings) }],
    ...runtimeSections(`${cri}.containerd`, settings),
    [`${cri}.cni`, cni(settings)],
    [`${cri}.registry`, { config_path: settings.registryConfigDir }],
  ];
}

function pluginsV3(settings: ContainerdSettings): Section[] {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  const images = "plugins.'io.containerd.cri.v1.images'";
  const { stream_server_address, stream_server_port, ...rest } = commonCri(settings);
  return [
    [runtime, rest],
    [`${runtime}.containerd`, { default_runtime_name: defaultRuntime(settings) }],
    ...runtimeSections(`${runtime}.containerd`, settings),
    [`${runtime}.cni`, cni(settings)],
    [images, { snapshotter: settings.snapshotter }],
    [`${images}.pinned_images`, { sandbox: settings.sandboxImage }],
    [`${images}.registry`, { config_path: settings.registryConfigDir }],
    ["plugins.'io.containerd.grpc.v1.cri'", { stream_server_address, stream_server_port }],
  ];
}

function commonCri(settings: ContainerdSettings) {
  return {
    restrict_oom_score_adj: settings.restrictOomScoreAdj,
    netns_mounts_under_state_dir: true,
    enable_unprivileged_ports: true,
    enable_unprivileged_icmp: true,
    stream_server_address: '127.0.0.1',
    stream_server_port: '0',
  } as const;
}

const defaultRuntime = (settings: ContainerdSettings): string => settings.runtimes[0]?.name ?? 'runc';
const cni = (settings: ContainerdSettings) => ({ bin_dir: settings.cniBinDir, conf_dir: settings.cniConfDir });

function runtimeSections(parent: string, settings: ContainerdSettings): Section[] {
  return settings.runtimes.flatMap(({ name, path }): Section[] => [
    [`${parent}.runtimes.${name}`, { runtime_type: 'io.containerd.runc.v2', container_annotations: [SCOPE_STOP_TIMEOUT] }],
    [`${parent}.runtimes.${name}.options`, { BinaryName: path, SystemdCgroup: settings.systemdCgroup }],
  ]);
}

/** A JSON string is a TOML basic string. */
function toml([header, values]: Section): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `${header ? `[${header}]\n` : ''}${lines.join('\n')}\n`;
}
