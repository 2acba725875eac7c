// What a caller is told: words, paths, codes, and what must not be in them.

import { describe, expect, it } from 'vitest';
import { ActiveCalls } from '../../../src/contract/active-calls.ts';
import { failureOf, fieldFromMetadata, fieldToMetadata } from '../../../src/contract/failure.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import { integer, list, object, text } from '../../../src/contract/schemas/values.ts';
import { STATUS } from '../../../src/contract/status.ts';
import { TokenCheck } from '../../../src/contract/token.ts';
import { fieldPath, refusal } from '../../../src/contract/wording.ts';
import { EnvError, ERROR_CODES } from '../../../src/core/errors.ts';

const schema = object('a thing', { size: integer(1, 9), tags: list(text(3), 0, 2, 'tags').optional() });

function refused(input: unknown): EnvError {
  const { error } = schema.safeParse(input);
  if (error === undefined) throw new Error('Not refused');
  return refusal(error.issues);
}

describe('refusal()', () => {
  it.each([
    [{}, 'size', 'Is missing: must be an integer from 1 to 9'],
    [{ size: 10 }, 'size', 'Must be an integer from 1 to 9, not 10'],
    [{ size: 1.5 }, 'size', 'Must be an integer from 1 to 9, not 1.5'],
    [{ size: NaN }, 'size', 'Must be an integer from 1 to 9, not NaN'],
    [{ size: 'secret' }, 'size', 'Must be an integer from 1 to 9, not a string of 6 characters'],
    [{ size: null }, 'size', 'Must be an integer from 1 to 9, not null'],
    [{ size: [] }, 'size', 'Is missing: must be an integer from 1 to 9'],
    [
      { size: 1, tags: ['a', 'long'] },
      'tags[1]',
      'Must be a string of at most 3 characters, not a string of 4 characters',
    ],
    [{ size: 1, tags: ['a', 'b', 'c'] }, 'tags', 'Must be a list of at most 2 tags, not a list of 3'],
    [{ size: 1, sizes: 2 }, 'sizes', 'Unknown field of a thing: known are size, tags'],
    ['secret', '', 'Must be a thing, not a string of 6 characters'],
  ])('of %j is at "%s": %s', (input, field, message) => {
    expect(refused(input)).toMatchObject({ code: 'invalid_argument', field, message });
  });

  it('repeats no more of a key than it takes to find it', () => {
    const key = 'k'.repeat(1_000_000);
    expect(refused({ size: 1, [key]: 1 }).field?.length).toBeLessThan(100);
  });
});

describe('fieldPath()', () => {
  it('writes steps as a reader of JSON would', () => {
    expect(fieldPath(['groups', 0, 'completions', 3, 'text'])).toBe('groups[0].completions[3].text');
    expect(fieldPath([0])).toBe('[0]');
  });
});

describe('STATUS', () => {
  it('has a gRPC number of its own for every code', () => {
    expect(new Set(ERROR_CODES.map((code) => STATUS[code].grpc)).size).toBe(ERROR_CODES.length);
  });
});

describe('failureOf()', () => {
  it('shows a refusal as it is, and of a bug only the id', () => {
    const refusalSeen = new EnvError('not_found', 'Cannot find it');
    expect(failureOf(refusalSeen, () => 'id-1')).toEqual({
      refusal: refusalSeen,
      requestId: 'id-1',
      isBug: false,
    });
    const { refusal: hidden, isBug } = failureOf(new Error('secret'), () => 'id-2');
    expect(isBug).toBe(true);
    expect(hidden.code).toBe('internal');
    expect(hidden.message).toContain('id-2');
    expect(`${hidden.message}${String(hidden.cause)}`).not.toContain('secret');
    expect(failureOf(undefined, () => 'id-3').isBug).toBe(true);
  });
});

describe('fieldToMetadata()', () => {
  it.each(['groups[0].text', 'metrics.größe ✓', 'a%b', '\ud800', '\u0000\n'])(
    'takes %j there and back in ASCII',
    (field) => {
      const metadata = fieldToMetadata(field);
      expect(metadata).toMatch(/^[\u0020-\u007e]*$/);
      expect(fieldFromMetadata(metadata)).toBe(field.toWellFormed());
    },
  );

  it('stays small', () => {
    expect(fieldToMetadata('é'.repeat(100_000)).length).toBeLessThan(8_192);
  });
});

describe('TokenCheck', () => {
  it('lets everybody in when there is no token', () => {
    new TokenCheck(undefined).check(undefined);
    expect(() => new TokenCheck('a').check(undefined)).toThrow('Cannot let the caller in');
  });

  it.each(['Bearer right', 'bearer right', 'Bearer  right '])('takes "%s"', (authorization) => {
    expect(() => new TokenCheck('right').check(authorization)).not.toThrow();
  });

  it.each(['right', 'Basic right', 'Bearer', 'Bearer rightt', 'Bearer righ', 'Bearer right right'])(
    'refuses "%s" without repeating it',
    (authorization) => {
      expect(() => new TokenCheck('right').check(authorization)).toThrow(
        /^Cannot let the caller in: (?!.*right right)/,
      );
    },
  );
});

describe('ActiveCalls', () => {
  it('refuses what is beyond the limit, and takes calls again when one has ended', () => {
    const active = new ActiveCalls();
    const calls = Array.from({ length: LIMITS.callsInFlightMax }, () => active.begin('call'));
    expect(() => active.begin('call')).toThrow(`${LIMITS.callsInFlightMax} are open`);
    expect(active.begin('watcher').signal.aborted).toBe(false);
    calls[0]?.end();
    expect(active.begin('call').signal.aborted).toBe(false);
  });

  it('stop() ends watchers, lets calls go on, and refuses new ones', async () => {
    const active = new ActiveCalls();
    const call = active.begin('call');
    const watcher = active.begin('watcher');
    active.stop();
    expect([call.signal.aborted, watcher.signal.aborted]).toEqual([false, true]);
    expect(() => active.begin('call')).toThrow('shutting down');
    const idle = active.idle();
    call.end();
    await idle;
  });

  it('abortAll() ends calls with the refusal that their clients get', () => {
    const active = new ActiveCalls();
    const call = active.begin('call');
    active.abortAll();
    expect(call.signal.reason).toMatchObject({ code: 'unavailable' });
  });
});
