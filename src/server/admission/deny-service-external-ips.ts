// DenyServiceExternalIPs (not on by default): no Service claims traffic to addresses that the cluster does not own (CVE-2020-8554).

import type { Service } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

/** The plugin: addresses that a Service has already stay. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(request) {
    if (!isAbout(request, '', 'services') || !request.object) return;
    // The resource says what the objects are.
    const had = (request.oldObject as Service | undefined)?.spec?.externalIPs ?? [];
    const has = (request.object as Service).spec?.externalIPs ?? [];
    if (has.some((address) => !had.includes(address))) throw refusal(request, 'Use of external IPs is denied by admission control.');
  },
};
