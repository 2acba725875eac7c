// Whether a client speaks TLS, and whose certificates it believes: one answer for every client.

import { type ChannelCredentials, credentials } from '@grpc/grpc-js';

/** `true`: the system's root certificates; PEM: these instead. Absent: no TLS. */
export type Tls = true | { readonly rootCertificates: Buffer };

export function channelCredentials(tls: Tls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(tls === true ? null : tls.rootCertificates);
}

/** The certificates to believe instead of the system's, where there are some. */
export function rootCertificates(tls: Tls | undefined): Buffer | undefined {
  return tls === undefined || tls === true ? undefined : tls.rootCertificates;
}
