// What a call is refused with: a test that looks at code, field and words of an error must not pass where there was none.

import { EnvError } from '../../src/core/errors.ts';

export function refusalBy(act: () => unknown): EnvError {
  try {
    act();
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
  throw new Error('It was not refused');
}
