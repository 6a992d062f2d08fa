// DNS questions and answers as values, free of wire format. RFC 1035; EDNS0: RFC 6891.

/** A question as it arrived. */
export interface DnsQuery {
  readonly id: number;
  /** Lower case, without the final dot; `''` is the root. */
  readonly name: string;
  /** e.g. `A`, `SRV`, or `UNKNOWN_65`. */
  readonly type: string;
  /** The question section as it arrived: answers repeat it, letter case included. */
  readonly question: Uint8Array;
  readonly recursionDesired: boolean;
  /** What the client says by EDNS0; undefined when it does not use it. */
  readonly edns: { readonly size: number; readonly dnssec: boolean } | undefined;
  /** Whether the answer may be long. */
  readonly transport: 'udp' | 'tcp';
}

/** Response codes that are used. */
export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

/** SRV data. */
export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** SOA data. */
export interface SoaData {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** A resource record. TTL in seconds. */
export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR'; readonly data: string }
  | { readonly type: 'TXT'; readonly data: string }
  | { readonly type: 'SRV'; readonly data: SrvData }
  | { readonly type: 'SOA'; readonly data: SoaData }
);

/** An answer made here. */
export interface RecordReply {
  readonly kind: 'records';
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** A name outside the zone that the answers end in: the chain resolves it and adds what it finds. */
  readonly chase?: string;
}

/** A whole message of another server, handed on as it is but for its id. */
export interface MessageReply {
  readonly kind: 'message';
  readonly bytes: Uint8Array;
}

/** An answer. */
export type DnsReply = RecordReply | MessageReply;

/** An answer that is only a response code. */
export function rcodeReply(rcode: Rcode): RecordReply {
  return { kind: 'records', rcode, authoritative: false, answers: [], authorities: [], additionals: [] };
}
