// `kts uninstall`: stops everything and removes every trace of kts, then looks whether something is left.

import { executable } from '../../base/assets.ts';
import { systemClock } from '../../base/clock.ts';
import { KtsError } from '../../base/errors.ts';
import { systemExec } from '../../base/exec.ts';
import type { ProcessInput } from '../command.ts';
import { commandHelp } from '../help.ts';
import { loadFlags } from '../load-flags.ts';
import { directoriesOf } from '../options.ts';
import { leftovers, removeExecutable, UNINSTALL_STEPS, type UninstallContext } from '../uninstall/machine.ts';

/** Runs the command; exit code 1 when something is left. @throws KtsError `usage`, `not-root` */
export async function uninstallCommand(input: ProcessInput): Promise<number> {
  const { values, help } = await loadFlags('uninstall', input);
  if (help) {
    process.stdout.write(commandHelp('uninstall'));
    return 0;
  }
  if (process.getuid?.() !== 0) throw new KtsError('not-root', 'uninstall must run as root: sudo kts uninstall');
  const context: UninstallContext = {
    directories: directoriesOf(values),
    cgroupRoot: String(values.get('cgroup-root') ?? '/'),
    clusterDns: String(values.get('cluster-dns') ?? '10.43.0.10'),
    keepData: values.get('keep-data') === true,
    executable: executable() ? process.execPath : '',
    exec: systemExec,
    clock: systemClock,
  };
  for (const step of UNINSTALL_STEPS) {
    process.stdout.write(`${step.title}\n`);
    await step.run(context);
  }
  const left = leftovers(context);
  for (const line of left) process.stderr.write(`kts: still there: ${line}\n`);
  if (left.length === 0) removeExecutable(context);
  process.stdout.write(left.length === 0 ? 'kts is removed; nothing of it is left\n' : 'run kts uninstall again\n');
  return left.length === 0 ? 0 : 1;
}
