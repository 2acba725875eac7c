import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../../../src/core/json.ts';
import { findVerifier } from '../../../../src/core/verifiers/table.ts';
import type { Verifier } from '../../../../src/core/verifiers/verifier.ts';
import { verdictOf } from '../../../support/verifier-cases.ts';

const GOLDS: readonly (readonly [name: string, gold: string, options: JsonObject])[] = [
  ['exact', 'Paris', {}],
  ['choice', 'B', {}],
  ['date', '1887-01-28', {}],
  ['list', 'alpha, 2, 5 km', {}],
  ['boolean', 'yes', {}],
  ['format', '', { pattern: 'json' }],
  ['format', '', { pattern: 'boxed' }],
];
const CHOICES = ['London', 'Paris', 'Rome'];

/** Words and marks that the rules look for, in any order: closer to trouble than plain random text. */
const LOADED = (
  'Paris London A B C (B) option answer is not or and yes no true 28 1 1887 January / - BC century alpha 2 5 km , ; [ ] { }' +
  ' " \\boxed{ $ \\text{ \\ <answer> ½ ٢ ² ** _'
).split(' ');
const loaded = fc
  .array(fc.constantFrom('\n', '\u200b', ...LOADED), { maxLength: 40 })
  .map((parts) => parts.join(' '));

function found(name: string): Verifier {
  const verifier = findVerifier(name);
  if (verifier === undefined) throw new Error(`No verifier "${name}"`);
  return verifier;
}

describe('VERIFIERS', () => {
  it.each(GOLDS)('%s ends with a verdict on any text, and the same one each time', (name, gold, options) => {
    const verifier = found(name);
    fc.assert(
      fc.property(fc.oneof(loaded, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const verdict = verdictOf(verifier, text, gold, { options, choices: CHOICES });
        expect(['correct', 'incorrect', 'undecided']).toContain(verdict.kind);
        expect(verdictOf(verifier, text, gold, { options, choices: CHOICES })).toEqual(verdict);
      }),
    );
  });

  it('choice never pays an answer that names another option, in any order', () => {
    const choice = found('choice');
    const options = ['A', '(A)', 'option A', 'London', 'C', '(C)', 'Rome'];
    const joints = [' ', ', ', ' or ', ' and ', '; ', '\n', '. ', ' not ', ' / ', ' is better than '];
    fc.assert(
      fc.property(
        fc.constantFrom(...options),
        fc.constantFrom(...joints),
        fc.boolean(),
        (other, joint, isFirst) => {
          for (const right of ['B', '(B)', 'option B', 'Paris', 'B. Paris']) {
            const text = isFirst ? `${other}${joint}${right}` : `${right}${joint}${other}`;
            expect([text, verdictOf(choice, text, 'B', { choices: CHOICES }).kind]).not.toEqual([
              text,
              'correct',
            ]);
          }
        },
      ),
    );
  });

  it('list accepts each order of its items and no list with one item more or less', () => {
    const list = found('list');
    const items = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,8}$/u), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(items, fc.integer(), (gold, seed) => {
        fc.pre(!gold.some((item) => ['and', 'the', 'maybe', 'either'].includes(item)));
        const shuffled = gold.toSorted((a, b) => ((a.length * 31 + seed) % 7) - ((b.length * 31 + seed) % 7));
        const text = gold.join(', ');
        expect(verdictOf(list, shuffled.join(', '), text).kind).toBe('correct');
        expect(verdictOf(list, [...shuffled, 'zzzzzzzzz'].join(', '), text).kind).toBe('incorrect');
        expect(verdictOf(list, shuffled.slice(1).join(', '), text).kind).toBe('incorrect');
      }),
    );
  });
});
