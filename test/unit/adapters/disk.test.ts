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
    [{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, 'resource_exhausted'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 778 }, 'data_loss'],
  ])('diskError() takes %j for %s and keeps the cause', (fields, code) => {
    const cause = refusal(fields);
    expect(diskError('Cannot write "x"', cause)).toMatchObject({
      name: 'EnvError',
      code,
      message: 'Cannot write "x": no space left',
      cause,
    });
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
