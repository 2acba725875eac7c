// What a training wrote for itself, read again: a file that is broken, or another program's, is said to be so before anything is done
// with it.

import type { z } from 'zod';

import { EnvError } from '../../core/errors.ts';

/** @throws EnvError `data_loss` for what is no JSON or of another shape. @param what names it in the message */
export function readJsonAs<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  what: string,
): z.output<Shape> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EnvError('data_loss', `Cannot read ${what}: it is not JSON`, { cause: error });
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EnvError(
    'data_loss',
    `Cannot read ${what}: it is not what a training wrote (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
  );
}
