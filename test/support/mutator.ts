// Breaks valid input in seeded ways, for the fuzz suite: the same seed, the same hostile input.

/** Mulberry32: numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('Nothing to pick from');
    return value;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Flipped bits, cuts, insertions, repetitions, splices, noise. */
  breakBytes(valid: Buffer): Buffer {
    let bytes: Buffer = Buffer.from(valid);
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      const at = this.below(bytes.length + 1);
      switch (this.below(7)) {
        case 0:
          if (bytes.length > 0)
            bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << this.below(8));
          break;
        case 1:
          bytes = bytes.subarray(0, at);
          break;
        case 2:
          bytes = Buffer.concat([bytes.subarray(0, at), this.bytes(1 + this.below(16)), bytes.subarray(at)]);
          break;
        case 3:
          bytes = Buffer.concat([bytes, bytes.subarray(0, 4_096)]);
          break;
        case 4:
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(this.below(bytes.length + 1))]);
          break;
        case 5:
          bytes = Buffer.concat([
            bytes.subarray(0, at),
            Buffer.from('ffffffffffffffffff01', 'hex'),
            bytes.subarray(at),
          ]);
          break;
        default:
          bytes = this.bytes(this.below(64));
      }
    }
    return bytes;
  }

  /** A value that has no business where it is put. */
  hostileValue(): unknown {
    return this.pick<() => unknown>([
      () => null,
      () => -1,
      () => 0,
      () => 1.5,
      () => 2 ** 53,
      () => -(2 ** 63),
      () => 1e308,
      () => true,
      () => '',
      () => 'x'.repeat(this.below(5_000)),
      () => '\u0000\ud800\u{10ffff}',
      () => '../../etc/passwd',
      () => '{{ground_truth}}',
      () => [],
      () => {},
      () => [[[[[]]]]],
      () => nested(this.below(2_000)),
      () => Array.from({ length: this.below(2_000) }, () => null),
      () => JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
      () => ({ constructor: { prototype: { polluted: true } } }),
      () => ({ toString: 1, valueOf: null, hasOwnProperty: 0 }),
      () => `9^{9^{9^{${'9'.repeat(this.below(500))}}}}`,
      () => '\\boxed{'.repeat(this.below(500)),
    ])();
  }

  /** A copy in which some places hold what they should not, lack what they need, or have what nobody knows. */
  breakJson(valid: unknown): unknown {
    const copy: unknown = JSON.parse(JSON.stringify(valid));
    const root = { value: copy };
    for (let left = 1 + this.below(3); left > 0; left -= 1) this.#breakOne(root);
    return root.value;
  }

  #breakOne(root: { value: unknown }): void {
    let holder: Record<string, unknown> = root;
    let key = 'value';
    for (;;) {
      const value = holder[key];
      const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
      if (keys.length === 0 || this.below(4) === 0) break;
      holder = value as Record<string, unknown>;
      key = this.pick(keys);
    }
    switch (this.below(5)) {
      case 0:
        delete holder[key];
        break;
      case 1:
        holder[this.pick(['extra', 'constructor', 'toString', 'Text', 'ground-truth', ''])] =
          this.hostileValue();
        break;
      default:
        holder[key] = this.hostileValue();
    }
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let left = depth; left > 0; left -= 1) value = left % 2 === 0 ? [value] : { a: value };
  return value;
}
