import { describe, expect, it } from 'vitest';

import { ANSWER_TYPES } from '../../../../src/core/qa-pair.ts';
import { defaultVerifier, findVerifier, VERIFIERS } from '../../../../src/core/verifiers/table.ts';

describe('findVerifier()', () => {
  it('finds each verifier by its own name', () => {
    for (const verifier of VERIFIERS) expect(findVerifier(verifier.name)).toBe(verifier);
  });

  it.each(['', 'Numeric', 'constructor', '__proto__', 'judge'])('finds nothing by the name %j', (name) => {
    expect(findVerifier(name)).toBeUndefined();
  });
});

describe('defaultVerifier()', () => {
  it.each(ANSWER_TYPES)('names a verifier that exists for the answer type %j', (answerType) => {
    expect(findVerifier(defaultVerifier(answerType))).toBeDefined();
  });
});
