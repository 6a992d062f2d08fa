// What a container said last: in the file of its termination message, or at the end of its log where the pod asks for that.
// Rules: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/

import { readFile } from 'node:fs/promises';
import type { ContainerStatus } from '../../cri/messages.gen.ts';
import { ANNOTATIONS } from './observed-pod.ts';

/** Upstream's bounds of a termination message: 4096 bytes; 80 lines or 2048 bytes when taken from the log. */
const MAX_MESSAGE = 4096;
const MAX_LOG_LINES = 80;
const MAX_LOG_BYTES = 2048;

/** The message of a run that has ended: from its file, else from its log where that is asked for, else what the runtime says. */
export async function terminationMessage(file: string, status: ContainerStatus): Promise<string> {
  const text = await tail(file, MAX_MESSAGE);
  if (text !== '') return text;
  if (status.annotations[ANNOTATIONS.terminationMessagePolicy] === 'FallbackToLogsOnError' && status.exitCode !== 0) {
    return endOfLog(await tail(status.logPath, 4 * MAX_LOG_BYTES));
  }
  return status.message;
}

/** What the last lines of a log in CRI format say: `time stream tag text`, where the tag P is a line that does not end there. */
function endOfLog(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const texts = lines.slice(-MAX_LOG_LINES).map((line) => {
    const [, , tag = '', ...words] = line.split(' ');
    return words.join(' ') + (tag.startsWith('P') ? '' : '\n');
  });
  return Buffer.from(texts.join('')).subarray(-MAX_LOG_BYTES).toString('utf8');
}

/** The last bytes of a file as text; `''` when there is none. */
async function tail(path: string, bytes: number): Promise<string> {
  try {
    const content = await readFile(path);
    return content.subarray(-bytes).toString('utf8');
  } catch {
    return ''; // not asked for, or gone with the pod's directory
  }
}
