// Vectors of length 1: what cosines are taken of.

/**
 * `vector / ‖vector‖₂`, in double precision before it is rounded to float32.
 *
 * @param vector [n]
 * @throws RangeError for a vector without a direction: zeros, or a number that is not finite
 */
export function unitVector(vector: ArrayLike<number>): Float32Array {
  let squares = 0;
  for (let index = 0; index < vector.length; index += 1) squares += (vector[index] ?? Number.NaN) ** 2;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Infinity)) throw new RangeError('The vector has no direction');
  return Float32Array.from(vector, (component) => component / length);
}
