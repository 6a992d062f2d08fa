// One attempt of a probe, whatever its kind.

import type { Container, ExecAction, Probe } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { hasCode, messageOf } from '../../../base/errors.ts';
import { expand } from '../expansion.ts';
import type { PodDirectory } from '../pod-directory.ts';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import { type Attempt, probeNumbers } from './probe-rules.ts';
import { probeTcp } from './tcp-probe.ts';

/** Whom to probe. */
export interface ProbePlace {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** What attempts need. */
export interface ProberDeps {
  readonly clock: Pick<Clock, 'after'>;
  readonly runtime: Pick<PodDirectory, 'execSync'>;
}

/** Most bytes of a command's output in an event, as upstream. */
const MAX_OUTPUT_BYTES = 10 * 1024;
/** Attempts that end in an error are repeated at once so many times, as upstream. */
const MAX_TRIES = 3;

/** Probes once, within the probe's timeout. Never rejects. */
export async function attemptProbe(probe: Probe, place: ProbePlace, deps: ProberDeps): Promise<Attempt> {
  let attempt: Attempt = { outcome: 'error', output: '' };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    attempt = await once(probe, place, deps);
    if (attempt.outcome !== 'error') break;
  }
  return attempt;
}

async function once(probe: Probe, place: ProbePlace, deps: ProberDeps): Promise<Attempt> {
  const { timeout } = probeNumbers(probe);
  if (probe.exec) return probeExec(probe.exec, place, timeout, deps);
  const over = new AbortController();
  const timer = deps.clock.after(timeout * 1000, () => over.abort());
  try {
    if (probe.httpGet) return await probeHttp(probe.httpGet, place.container, place.podIp, over.signal);
    if (probe.tcpSocket) return await probeTcp(probe.tcpSocket, place.container, place.podIp, over.signal);
    if (probe.grpc) return await probeGrpc(probe.grpc, place.podIp, timeout, over.signal);
    return { outcome: 'error', output: 'missing probe handler' };
  } finally {
    timer.cancel();
  }
}

async function probeExec(action: ExecAction, place: ProbePlace, timeout: number, deps: ProberDeps): Promise<Attempt> {
  const command = (action.command ?? []).map((text) => expand(text, (name) => literal(place.container, name)));
  try {
    const { exitCode, stdout, stderr } = await deps.runtime.execSync(place.containerId, command, timeout * 1000);
    const output = Buffer.concat([stdout, stderr]).toString('utf8', 0, MAX_OUTPUT_BYTES);
    return { outcome: exitCode === 0 ? 'success' : 'failure', output };
  } catch (error) {
    if (hasCode(error, 'cri-deadline')) {
      return { outcome: 'failure', output: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeout}s` };
    }
    return { outcome: 'error', output: `rpc error: ${messageOf(error)}` };
  }
}

/** The value of a variable that the container's specification gives literally: nothing else is known to probes, as upstream. */
function literal(container: Container, name: string): string | undefined {
  return container.env?.find((variable) => variable.name === name && !variable.valueFrom)?.value;
}
