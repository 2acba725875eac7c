// Both doors over TLS with a certificate made for the test, and clients that trust it and nothing else.

import { describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import { RestClient } from '../../src/client/rest-client.ts';
import { GrpcServer } from '../../src/edges/grpc/server.ts';
import { RestServer } from '../../src/edges/rest/server.ts';
import { hasOpenssl, makeCertificate } from '../support/certificate.ts';
import { createFakeServices } from '../support/fake-service.ts';

// Runs wherever openssl is installed: it makes the certificate.
describe.skipIf(!hasOpenssl)(`TLS${hasOpenssl ? '' : ' (skipped: no openssl)'}`, () => {
  it('both doors answer a client that trusts the certificate, and no other', async () => {
    const tls = makeCertificate();
    const observer = { callEnded: () => undefined, bugMet: () => undefined };
    const services = createFakeServices();
    const grpc = new GrpcServer({ services, observer, tls });
    const rest = new RestServer({ services, observer, tls, version: '0.0.0-test' });
    const { port: grpcPort } = await grpc.listen('127.0.0.1', 0);
    const { port: restPort } = await rest.listen('127.0.0.1', 0);
    const trusting = [
      new EnvClient({ address: `localhost:${grpcPort}`, tls: { rootCertificates: tls.certificate } }),
      new RestClient({ url: `https://localhost:${restPort}`, rootCertificates: tls.certificate }),
    ];
    const doubting = [
      new EnvClient({ address: `localhost:${grpcPort}`, tls: true, deadlineMs: 1_000 }),
      new RestClient({ url: `https://localhost:${restPort}`, deadlineMs: 1_000 }),
    ];
    for (const client of trusting) expect(await client.listDatasets()).toHaveLength(1);
    for (const client of doubting) {
      await expect(client.listDatasets()).rejects.toMatchObject({
        code: expect.stringMatching(/^(unavailable|deadline_exceeded)$/) as string,
      });
    }
    for (const client of [...trusting, ...doubting]) client.close();
    grpc.close();
    rest.close();
  });
});
