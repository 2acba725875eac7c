// A certificate for localhost that nobody but the test trusts, made by openssl, which may not be there.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificate {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'groupwise-tls-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...made, ...subject]);
  if (status !== 0) throw new Error(`Cannot make a certificate: ${String(stderr)}`);
  const pem = { certificate: readFileSync(certificate), key: readFileSync(key) };
  rmSync(folder, { recursive: true });
  return pem;
}

/** A new one as files in `folder`. */
export function writeCertificate(folder: string): { readonly certificate: string; readonly key: string } {
  const pem = makeCertificate();
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.certificate, pem.certificate);
  writeFileSync(files.key, pem.key);
  return files;
}
