// Names of images: registry[:port]/path[:tag][@digest], as the distribution project's reference grammar says.

const DOMAIN = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const PART = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const REFERENCE = new RegExp(
  `^(?<name>(?:${DOMAIN}/)?${PART}(?:/${PART})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
);

/** An image name in full. */
export interface ImageName {
  /** Registry host, `docker.io` by default. */
  readonly registry: string;
  /** Path at the registry, e.g. `library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Parses and completes a name (`nginx` → docker.io/library/nginx:latest); undefined if it is none. */
export function parseImageName(text: string): ImageName | undefined {
  const groups = REFERENCE.exec(text)?.groups;
  const name = groups?.['name'];
  if (name === undefined) return undefined;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = hasRegistry && first !== 'index.docker.io' ? first : 'docker.io';
  const path = hasRegistry ? name.slice(slash + 1) : name;
  const digest = groups?.['digest'];
  return {
    registry,
    repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    tag: groups?.['tag'] ?? (digest ? undefined : 'latest'),
    digest,
  };
}

/** The full text of a name. */
export function formatImageName({ registry, repository, tag, digest }: ImageName): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** imagePullPolicy by default: Always for `latest`, else IfNotPresent. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const name = parseImageName(image);
  return name?.tag === 'latest' && !name.digest ? 'Always' : 'IfNotPresent';
}
