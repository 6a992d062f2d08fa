// Help texts, made from the flag table. Pure.

import { type FlagCommand, flagsOf } from './flags.ts';

/** One line a command; the command table in run.ts names the same ones. */
const COMMAND_HELP: Readonly<Record<string, string>> = {
  server: 'run a cluster: control plane and node in one process',
  agent: 'run a node and join it to a cluster',
  demo: 'put a small web application into the cluster and print its address',
  'secrets-encrypt': 'show or change how Secrets are encrypted on the disk: status, rotate, enable, disable',
  uninstall: 'stop everything and remove every trace of kts from this machine',
  cni: 'CNI plugin (called by containerd)',
  version: 'print the version',
  help: 'print this, or the flags of a command: kts help server',
};

const USAGE: Readonly<Record<FlagCommand, string>> = {
  server: 'kts server [flags]',
  agent: 'kts agent --join https://HOST:6443 --token TOKEN [flags]',
  uninstall: 'kts uninstall [flags]',
};

/** `kts help`. */
export function generalHelp(version: string): string {
  const width = Math.max(...Object.keys(COMMAND_HELP).map((name) => name.length));
  const commands = Object.entries(COMMAND_HELP).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [
    `kts ${version}: Kubernetes in one file for the edge`,
    '',
    'Usage: kts COMMAND [flags]',
    '',
    'Commands:',
    ...commands,
    '',
    'First steps, as root:',
    '  kts server                                        a cluster; its kubeconfig is /etc/kts/kts.yaml',
    '  kubectl --kubeconfig /etc/kts/kts.yaml get nodes',
    '',
  ].join('\n');
}

/** `kts help server`. */
export function commandHelp(command: FlagCommand): string {
  const lines = [`Usage: ${USAGE[command]}`, '', `${COMMAND_HELP[command]}`];
  let group = '';
  for (const flag of flagsOf(command)) {
    if (flag.group !== group) lines.push('', `${flag.group}:`);
    group = flag.group;
    const value = flag.type === 'boolean' ? '' : flag.type === 'number' ? ' N' : ' VALUE';
    const spelled = `${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${value}`;
    const preset = flag.default === undefined || flag.default === false ? '' : ` (default ${flag.default})`;
    const env = flag.env ? ` [${flag.env}]` : '';
    const list = flag.type === 'list' ? '; may be repeated' : '';
    lines.push(`  ${spelled.padEnd(36)} ${flag.help}${list}${preset}${env}`);
  }
  lines.push('', 'Every flag may also stand in the configuration file by its name, e.g. `node-label: [disk=ssd]`.', '');
  return lines.join('\n');
}
