// Reverse-mode differentiation: walks from a loss back to what it was computed from, and adds the gradients to the graph as
// further nodes. The formulas are with the operators; here is only the order.

import type { Value } from './graph.ts';
import { add } from './ops/arithmetic.ts';
import { isSameShape, show } from './ops/operands.ts';

/**
 * Gradients of a loss, a value without dimensions, by each of `values`, in their shapes.
 * @throws RangeError when the loss is no scalar, or does not depend on one of the values
 */
export function gradients(loss: Value, values: readonly Value[]): readonly Value[] {
  if (loss.dims.length > 0) throw new RangeError(`A loss has no dimensions, this one has ${show(loss.dims)}`);
  const wanted = new Set(values);
  const order = inOrder(loss);
  const needed = new Set<Value>();
  for (const value of order) {
    if (wanted.has(value) || value.origin?.inputs.some((input) => needed.has(input)) === true)
      needed.add(value);
  }

  const found = new Map<Value, Value>([[loss, loss.graph.scalar(1)]]);
  for (const value of order.toReversed()) {
    const gradient = found.get(value);
    if (gradient === undefined || value.origin === undefined || !needed.has(value)) continue;
    const { inputs, pullBack } = value.origin;
    pullBack(gradient).forEach((part, index) => {
      const input = inputs[index];
      if (part === undefined || input === undefined || !needed.has(input)) return;
      if (!isSameShape(part.dims, input.dims))
        throw new TypeError(`A gradient of ${show(input.dims)} came as ${show(part.dims)}`);
      const sofar = found.get(input);
      found.set(input, sofar === undefined ? part : add(sofar, part));
    });
  }
  return values.map((value, index) => {
    const gradient = found.get(value);
    if (gradient === undefined) throw new RangeError(`The loss does not depend on value ${index}`);
    return gradient;
  });
}

/** Everything that the loss was computed from, inputs before results. Without recursion: graphs are deep. */
function inOrder(loss: Value): readonly Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>([loss]);
  const stack = [{ value: loss, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const input = top.value.origin?.inputs[top.next];
    if (input === undefined) {
      order.push(top.value);
      stack.pop();
    } else {
      top.next += 1;
      if (!seen.has(input)) {
        seen.add(input);
        stack.push({ value: input, next: 0 });
      }
    }
  }
  return order;
}
