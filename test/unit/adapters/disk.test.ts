import { describe, expect, it } from 'vitest';

import { diskError } from '../../../src/adapters/disk.ts';

function refusal(fields: object): Error {
  return Object.assign(new Error('no space left'), fields);
}

describe('diskError()', () => {
  it.each<[object, string]>([
    [{ code: 'ENOSPC' }, 'resource_exhausted'],
    [{ code: 'EACCES' }, 'permission_denied'],
    [{ code: 'ENOENT' }, 'not_found'],
    [{ code: 'EEXIST' }, 'already_exists'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, 'resource_exhausted'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 778 }, 'data_loss'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 8 }, 'permission_denied'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 14 }, 'permission_denied'],
  ])('diskError() takes %j for %s and keeps the cause', (fields, code) => {
    const cause = refusal(fields);
    expect(diskError('Cannot write "x"', cause)).toMatchObject({
      name: 'EnvError',
      code,
      message: 'Cannot write "x": no space left',
      cause,
    });
  });

  it.each([
    ["ENOENT: no such file or directory, open '/a/b.jsonl.partial'", 'no such file or directory'],
    ["EEXIST: file already exists, mkdir '/a, b'", 'file already exists'],
    ['ENOSPC: no space left on device, write', 'no space left on device'],
    ['database or disk is full', 'database or disk is full'],
  ])('diskError() says "%s" in words: %s', (message, words) => {
    const cause = Object.assign(new Error(message), { code: 'ENOENT' });
    expect(diskError('Cannot write "x"', cause)).toMatchObject({ message: `Cannot write "x": ${words}` });
  });

  it.each<unknown>([
    refusal({}),
    refusal({ code: 'ERR_ASSERTION' }),
    refusal({ code: 'ERR_SQLITE_ERROR', errcode: 19 }),
    'text',
    undefined,
  ])('diskError() leaves what is no refusal of the disk as it is: %s', (error) => {
    expect(diskError('Cannot write "x"', error)).toBe(error);
  });
});
