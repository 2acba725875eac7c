import { expect, it } from 'vitest';
import { counted } from '../../../src/core/counted.ts';

it.each([
  [0, '0 rows'],
  [1, '1 row'],
  [1_200, '1,200 rows'],
])('counted() says of %i: %s', (count, said) => {
  expect(counted(count, 'row')).toBe(said);
});
