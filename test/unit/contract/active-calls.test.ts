import { expect, test } from 'vitest';
import { ActiveCalls } from '../../../src/contract/active-calls.ts';
import { EnvError } from '../../../src/core/errors.ts';

const GONE = (): EnvError => new EnvError('cancelled', 'The client is gone');

test('ActiveCall.abort() tells a call that is being worked on why it must stop', () => {
  const call = new ActiveCalls().begin('call');
  call.abort(GONE);
  expect(call.signal.aborted).toBe(true);
  expect(call.signal.reason).toEqual(GONE());
});

test('ActiveCall.abort() does nothing after end(), and makes no reason', () => {
  const call = new ActiveCalls().begin('call');
  call.end();
  call.abort(() => {
    throw new Error('Nobody needs this reason');
  });
  expect(call.signal.aborted).toBe(false);
});
