import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServedAt, writeServedAt } from '../../../src/adapters/served-at.ts';
import { EnvError } from '../../../src/core/errors.ts';

const AT = { grpc: '127.0.0.1:1', http: '127.0.0.1:2', tls: false, pid: 3 };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-served-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('writeServedAt()', () => {
  it('writeServedAt() leaves what readServedAt() reads, until it is taken back', () => {
    const takeBack = writeServedAt(folder, AT);
    expect(readServedAt(folder)).toEqual(AT);
    takeBack();
    expect(readServedAt(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writeServedAt() takes the place of what a server that was killed left', () => {
    writeServedAt(folder, AT);
    writeServedAt(folder, { ...AT, pid: 4 });
    expect(readServedAt(folder)?.pid).toBe(4);
  });

  it('writeServedAt() says so where the directory cannot be written', () => {
    expect(() => writeServedAt(join(folder, 'nowhere'), AT)).toThrow(EnvError);
  });
});

describe('readServedAt()', () => {
  it('readServedAt() knows no server of a directory that is not there', () => {
    expect(readServedAt(join(folder, 'nowhere'))).toBeUndefined();
  });
});
