// Validation of volume sources that pods and persistent volumes share: host paths, network file systems, disks of clouds, CSI. Pure.
// Which source a volume has, and that it is one, is decided by volumes.ts and persistent-volumes.ts.

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import {
  checkOneOf,
  checkPresent,
  checkRange,
  checkRequired,
  checkString,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain } from './object-meta.ts';
import { checkDriverName, localPath, noBacksteps } from './strings.ts';

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const LUNS: readonly [number, number] = [0, 255];

/** What the rules of a source may need of its surroundings. */
export interface SourceContext {
  /** Of a persistent volume, whose secrets are of any namespace; else of a pod. */
  readonly persistent: boolean;
  /** The volume's name. */
  readonly name: string;
  /** Path of the volume, without the source. */
  readonly volumePath: string;
}

/** Validates one source at its path. */
export type SourceRule = (source: never, path: string, context: SourceContext) => FieldError[];

/** Fields that must not be empty. */
const demand =
  (...fields: string[]): SourceRule =>
  (source: object, path) =>
    fields.flatMap((field) => {
      const value: unknown = Reflect.get(source, field);
      return value && (!Array.isArray(value) || value.length > 0) ? [] : [requiredValue(`${path}.${field}`)];
    });

function secretFaults(
  path: string,
  secret: { name?: string; namespace?: string } | undefined,
  { persistent }: Pick<SourceContext, 'persistent'>,
): FieldError[] {
  if (!secret) return [];
  return [
    ...checkPresent(`${path}.secretRef.name`, secret.name),
    ...(persistent ? checkPresent(`${path}.secretRef.namespace`, secret.namespace) : []),
  ];
}

function hostPathFaults(source: core.HostPathVolumeSource, path: string): FieldError[] {
  if (!source.path) return [requiredValue(`${path}.path`)];
  const errors = checkString(`${path}.path`, source.path, noBacksteps);
  return source.type === undefined || HOST_PATH_TYPES.includes(source.type)
    ? errors
    : [...errors, notSupported(`${path}.type`, source.type, HOST_PATH_TYPES)];
}

function nfsFaults(source: core.NFSVolumeSource, path: string): FieldError[] {
  const errors = demand('server', 'path')(source as never, path, NOWHERE);
  if (!source.path?.startsWith('/')) errors.push(invalidValue(`${path}.path`, source.path ?? '', 'must be an absolute path'));
  return errors;
}

const NOWHERE: SourceContext = { persistent: false, name: '', volumePath: '' };

/** Upstream names these errors after the disk of one cloud. */
function gceFaults(source: core.GCEPersistentDiskVolumeSource, path: string): FieldError[] {
  const at = path.replace(/gcePersistentDisk$/, 'persistentDisk');
  return [...checkPresent(`${at}.pdName`, source.pdName), ...partitionFaults(at, source.partition)];
}

function partitionFaults(path: string, partition: number | undefined): FieldError[] {
  return partition === undefined || (partition >= 0 && partition <= 255)
    ? []
    : [invalidValue(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')];
}

function awsFaults(source: core.AWSElasticBlockStoreVolumeSource, path: string): FieldError[] {
  return [...checkPresent(`${path}.volumeID`, source.volumeID), ...partitionFaults(path, source.partition)];
}

function gitFaults(source: core.GitRepoVolumeSource, path: string): FieldError[] {
  return [...checkPresent(`${path}.repository`, source.repository), ...checkString(`${path}.directory`, source.directory ?? '', localPath)];
}

const INITIATORS: readonly (readonly [prefix: string, form: RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];
const MAX_PORTAL_NAME = 64;
const LONG_PORTAL = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function initiatorFaults(field: string, value: string, persistent: boolean): FieldError[] {
  const form = INITIATORS.find(([prefix]) => value.startsWith(prefix));
  const starting = persistent ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa';
  if (!form) return [invalidValue(field, value, starting)];
  return form[1].test(value) ? [] : [invalidValue(field, value, 'must be valid format')];
}

function iscsiFaults(source: core.ISCSIVolumeSource, path: string, context: SourceContext): FieldError[] {
  const { targetPortal, iqn, lun, initiatorName, secretRef } = source;
  const errors = checkPresent(`${path}.targetPortal`, targetPortal);
  const long = initiatorName !== undefined && `${context.name}:${targetPortal}`.length > MAX_PORTAL_NAME;
  if (long && context.persistent) errors.push(invalidValue(`${path}.targetportal`, targetPortal, LONG_PORTAL));
  errors.push(...(iqn ? initiatorFaults(`${path}.iqn`, iqn, context.persistent) : [requiredValue(`${path}.iqn`)]));
  errors.push(...checkRange(`${path}.lun`, lun, LUNS));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !secretRef) errors.push(requiredValue(`${path}.secretRef`));
  if (context.persistent) errors.push(...secretFaults(path, secretRef, { persistent: false }));
  if (initiatorName !== undefined) errors.push(...initiatorFaults(`${path}.initiatorname`, initiatorName, context.persistent));
  if (long && !context.persistent) errors.push(invalidValue(`${context.volumePath}.name`, context.name, LONG_PORTAL));
  return errors;
}

function glusterFaults(source: core.GlusterfsPersistentVolumeSource, path: string): FieldError[] {
  const errors = demand('endpoints', 'path')(source as never, path, NOWHERE);
  const { endpointsNamespace: namespace } = source;
  if (namespace === '')
    errors.push(invalidValue(`${path}.endpointsNamespace`, '', 'if the endpointnamespace is set, it must be a valid namespace name'));
  else if (namespace !== undefined) errors.push(...checkString(`${path}.endpointsNamespace`, namespace, dnsLabel));
  return errors;
}

function flockerFaults(source: core.FlockerVolumeSource, path: string): FieldError[] {
  const { datasetName, datasetUUID } = source;
  const errors = datasetName || datasetUUID ? [] : [requiredValue(path, 'one of datasetName and datasetUUID is required')];
  if (datasetName && datasetUUID)
    errors.push(invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName?.includes('/')) errors.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
}

function cinderFaults(source: core.CinderPersistentVolumeSource, path: string, context: SourceContext): FieldError[] {
  return [...checkPresent(`${path}.volumeID`, source.volumeID), ...secretFaults(path, source.secretRef, context)];
}

const MAX_TENANT = 64;
const PAIRS = 'must be a host:port pair or multiple pairs separated by commas';

function quobyteFaults(source: core.QuobyteVolumeSource, path: string): FieldError[] {
  const { registry, tenant = '', volume } = source;
  const errors: FieldError[] = [];
  if (!registry) errors.push(requiredValue(`${path}.registry`, PAIRS));
  else if (tenant.length > MAX_TENANT)
    errors.push(requiredValue(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else {
    const bad = registry.split(',').filter((pair) => !/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair));
    for (const _ of bad) errors.push(invalidValue(`${path}.registry`, registry, PAIRS));
  }
  return [...errors, ...checkPresent(`${path}.volume`, volume)];
}

function fcFaults(source: core.FCVolumeSource, path: string): FieldError[] {
  const targets = source.targetWWNs ?? [];
  const ids = source.wwids ?? [];
  const errors: FieldError[] = [];
  if (targets.length === 0 && ids.length === 0)
    errors.push(requiredValue(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targets.length > 0 && ids.length > 0)
    errors.push(invalidValue(`${path}.targetWWNs`, targets, 'targetWWNs and wwids can not be specified simultaneously'));
  if (targets.length === 0) return errors;
  if (source.lun === undefined) return [...errors, requiredValue(`${path}.lun`, 'lun is required if targetWWNs is specified')];
  return [...errors, ...checkRange(`${path}.lun`, source.lun, LUNS)];
}

function flexFaults(source: core.FlexVolumeSource, path: string): FieldError[] {
  const reserved = (key: string): boolean => /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/', 1)[0]?.toLowerCase()}`) && key !== '';
  return [
    ...checkPresent(`${path}.driver`, source.driver),
    ...Object.keys(source.options ?? {})
      .filter(reserved)
      .map((key) => invalidValue(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')),
  ];
}

function azureFileFaults(source: core.AzureFilePersistentVolumeSource, path: string): FieldError[] {
  const errors = demand('secretName', 'shareName')(source as never, path, NOWHERE);
  return source.secretNamespace === '' ? [...errors, requiredValue(`${path}.secretNamespace`)] : errors;
}

const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function azureDiskFaults(source: core.AzureDiskVolumeSource, path: string): FieldError[] {
  const { kind, diskURI } = source;
  const errors = [
    ...demand('diskName', 'diskURI')(source as never, path, NOWHERE),
    ...checkOneOf(`${path}.cachingMode`, source.cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
    ...checkOneOf(`${path}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
  ];
  if (kind === 'Managed' && !diskURI?.startsWith('/subscriptions/'))
    errors.push(notSupported(`${path}.diskURI`, diskURI ?? '', [MANAGED_URI]));
  if (kind !== undefined && kind !== 'Managed' && !diskURI?.startsWith('https://'))
    errors.push(notSupported(`${path}.diskURI`, diskURI ?? '', [BLOB_URI]));
  return errors;
}

function storageOsFaults(source: core.StorageOSPersistentVolumeSource, path: string, context: SourceContext): FieldError[] {
  return [
    ...checkRequired(`${path}.volumeName`, source.volumeName, dnsLabel),
    ...(source.volumeNamespace ? checkString(`${path}.volumeNamespace`, source.volumeNamespace, dnsLabel) : []),
    ...secretFaults(path, source.secretRef, context),
  ];
}

function csiFaults(source: core.CSIPersistentVolumeSource, path: string, { persistent }: SourceContext): FieldError[] {
  const errors = checkDriverName(`${path}.driver`, source.driver);
  if (!persistent) {
    const name = source.nodePublishSecretRef?.name;
    if (!source.nodePublishSecretRef) return errors;
    return [...errors, ...(name ? checkString(`${path}.name`, name, dnsSubdomain) : [requiredValue(`${path}.nodePublishSecretRef.name`)])];
  }
  errors.push(...checkPresent(`${path}.volumeHandle`, source.volumeHandle));
  const secrets = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const;
  for (const field of secrets) {
    const secret = source[field];
    if (!secret) continue;
    errors.push(
      ...checkRequired(`${path}.${field}.name`, secret.name, dnsSubdomain),
      ...checkRequired(`${path}.${field}.namespace`, secret.namespace, dnsLabel),
    );
  }
  return errors;
}

function localFaults(source: core.LocalVolumeSource, path: string): FieldError[] {
  return source.path ? checkString(`${path}.path`, source.path, noBacksteps) : [requiredValue(`${path}.path`)];
}

/** Rules of the shared sources, by the field that holds the source. */
export const SHARED_SOURCES = {
  hostPath: hostPathFaults,
  gcePersistentDisk: gceFaults,
  awsElasticBlockStore: awsFaults,
  gitRepo: gitFaults,
  nfs: nfsFaults,
  iscsi: iscsiFaults,
  glusterfs: glusterFaults,
  flocker: flockerFaults,
  rbd: demand('monitors', 'image'),
  cinder: cinderFaults,
  cephfs: demand('monitors'),
  quobyte: quobyteFaults,
  fc: fcFaults,
  flexVolume: flexFaults,
  azureFile: azureFileFaults,
  vsphereVolume: demand('volumePath'),
  photonPersistentDisk: demand('pdID'),
  portworxVolume: demand('volumeID'),
  azureDisk: azureDiskFaults,
  storageos: storageOsFaults,
  scaleIO: demand('gateway', 'system', 'volumeName'),
  local: localFaults,
  csi: csiFaults,
} satisfies Readonly<Record<string, SourceRule>>;

/** How upstream spells fields where it reports one source too many. */
const MISSPELT: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** Validates the sources of a volume in the order of `rules`: there is one, and it is right. */
export function validateSources(
  volume: object,
  rules: readonly (readonly [field: string, rule: SourceRule])[],
  context: SourceContext & { readonly path: string },
): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const [field, rule] of rules) {
    const source: unknown = Reflect.get(volume, field);
    if (source === undefined) continue;
    const at = `${context.path}.${field}`;
    if (found) errors.push(forbiddenValue(`${context.path}.${MISSPELT[field] ?? field}`, 'may not specify more than 1 volume type'));
    else errors.push(...rule(source as never, at, context)); // the table pairs fields and rules
    found = true;
  }
  return found ? errors : [requiredValue(context.path, 'must specify a volume type')];
}
