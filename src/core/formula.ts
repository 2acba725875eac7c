// Formulas over scores, as text: numbers, names, + - * / ^, brackets and a few functions. A formula is data: it is parsed once and
// walked, never run as code. What it comes to may not be a number; that is told, and nothing is put in its place.

import { invalidArgument } from './errors.ts';

export interface Formula {
  /** As written. */
  readonly text: string;
  readonly root: Term;
}

type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly of: readonly Term[] };

const TEXT_CHARS_MAX = 10_000;
const DEPTH_MAX = 64;
/** Beyond it a result counts as none: no reward is meant by it. */
const RESULT_ABS_MAX = 1e6;

const FUNCTIONS: ReadonlyMap<
  string,
  { readonly most: number; readonly of: (...numbers: number[]) => number }
> = new Map([
  ['min', { most: 64, of: Math.min }],
  ['max', { most: 64, of: Math.max }],
  ['abs', { most: 1, of: Math.abs }],
  ['floor', { most: 1, of: Math.floor }],
  ['ceil', { most: 1, of: Math.ceil }],
  ['exp', { most: 1, of: Math.exp }],
  ['sqrt', { most: 1, of: Math.sqrt }],
  ['log', { most: 1, of: Math.log }],
]);

const OPERATIONS: ReadonlyMap<string, (a: number, b: number) => number> = new Map([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['^', (a, b) => a ** b],
]);

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([-+*/^(),]))/uy;

/** Whether a formula can call something by this name. */
export function isFormulaName(name: string): boolean {
  return /^[A-Za-z_]\w{0,127}$/u.test(name);
}

/**
 * @param field what to call the formula in an error
 * @throws EnvError `invalid_argument`
 */
export function parseFormula(text: string, field: string): Formula {
  if (text.length > TEXT_CHARS_MAX) {
    throw invalidArgument(field, `A formula has at most ${TEXT_CHARS_MAX} characters`);
  }
  return { text, root: new Parser(tokensOf(text, field), field).parse() };
}

/** All names that the formula uses, each once, in their order. */
export function namesIn({ root }: Formula): readonly string[] {
  const names = new Set<string>();
  const walk = (term: Term): void => {
    if (term.kind === 'name') names.add(term.name);
    else if (term.kind === 'call') term.of.forEach(walk);
  };
  walk(root);
  return [...names];
}

/** The value; undefined where it is no number (division by 0, the root of −1) or beyond a million. */
export function evaluateFormula({ root }: Formula, values: ReadonlyMap<string, number>): number | undefined {
  const result = valueOf(root, values);
  return Math.abs(result) <= RESULT_ABS_MAX ? result : undefined;
}

/** NaN where a step is undefined; it stays NaN, so that no function of it passes for a number. */
function valueOf(term: Term, values: ReadonlyMap<string, number>): number {
  switch (term.kind) {
    case 'number':
      return term.value;
    case 'name':
      return values.get(term.name) ?? Number.NaN;
    case 'call': {
      const of = term.of.map((each) => valueOf(each, values));
      const [a = Number.NaN, b = Number.NaN] = of;
      const made = OPERATIONS.get(term.name)?.(a, b) ?? FUNCTIONS.get(term.name)?.of(...of);
      // 1 / (1 / 0) and NaN ^ 0 would be numbers again.
      return made !== undefined && of.every(Number.isFinite) && Number.isFinite(made) ? made : Number.NaN;
    }
    default:
      return term satisfies never;
  }
}

interface Token {
  readonly kind: 'number' | 'name' | 'mark';
  readonly text: string;
  readonly at: number;
}

function tokensOf(text: string, field: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      const at = from + (/^\s*/u.exec(text.slice(from))?.[0].length ?? 0);
      throw fault(field, at, `"${text.slice(at, at + 1)}" is no part of one`);
    }
    const [, number, name, mark = ''] = match;
    const said = number ?? name ?? mark;
    const kind = number !== undefined ? 'number' : name === undefined ? 'mark' : 'name';
    tokens.push({ kind, text: said, at: pattern.lastIndex - said.length });
  }
  return tokens;
}

function fault(field: string, at: number, what: string): Error {
  return invalidArgument(field, `Cannot read the formula at character ${at + 1}: ${what}`);
}

/** sum: product (± product)*; product: sign (×÷ sign)*; sign: − sign | power; power: atom (^ sign)?. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #field: string;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], field: string) {
    this.#tokens = tokens;
    this.#field = field;
  }

  parse(): Term {
    const root = this.#sum();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined)
      throw fault(this.#field, rest.at, `"${rest.text.slice(0, 40)}" is not expected there`);
    return root;
  }

  #sum(): Term {
    let left = this.#product();
    let parts = 0;
    for (let mark = this.#taken('+', '-'); mark !== undefined; mark = this.#taken('+', '-')) {
      left = { kind: 'call', name: mark, of: [left, this.#product()] };
      this.#checkDepth((parts += 1));
    }
    return left;
  }

  #product(): Term {
    let left = this.#signed();
    let parts = 0;
    for (let mark = this.#taken('*', '/'); mark !== undefined; mark = this.#taken('*', '/')) {
      left = { kind: 'call', name: mark, of: [left, this.#signed()] };
      this.#checkDepth((parts += 1));
    }
    return left;
  }

  #signed(): Term {
    this.#depth += 1;
    this.#checkDepth(0);
    const sign = this.#taken('+', '-');
    const term = sign === undefined ? this.#power() : this.#signed();
    this.#depth -= 1;
    return sign === '-' ? { kind: 'call', name: '-', of: [{ kind: 'number', value: 0 }, term] } : term;
  }

  /** To the right: 2^3^2 is 2^9, and −2^2 is −4. */
  #power(): Term {
    const base = this.#atom();
    return this.#taken('^') === undefined ? base : { kind: 'call', name: '^', of: [base, this.#signed()] };
  }

  #atom(): Term {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw fault(this.#field, this.#end(), 'it ends too early');
    this.#next += 1;
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'name') {
      return this.#taken('(') === undefined ? { kind: 'name', name: token.text } : this.#call(token);
    }
    if (token.text !== '(') throw fault(this.#field, token.at, `"${token.text}" is not expected there`);
    const inner = this.#sum();
    this.#close();
    return inner;
  }

  #call({ text: name, at }: Token): Term {
    const known = FUNCTIONS.get(name);
    if (known === undefined) {
      throw fault(
        this.#field,
        at,
        `there is no function "${name.slice(0, 40)}", only ${[...FUNCTIONS.keys()].join(', ')}`,
      );
    }
    const of = [this.#sum()];
    while (this.#taken(',') !== undefined) of.push(this.#sum());
    this.#close();
    if (of.length <= known.most) return { kind: 'call', name, of };
    throw fault(this.#field, at, `"${name}" takes at most ${known.most} values`);
  }

  #close(): void {
    if (this.#taken(')') !== undefined) return;
    throw fault(this.#field, this.#tokens[this.#next]?.at ?? this.#end(), 'a bracket is not closed');
  }

  #taken(...marks: readonly string[]): string | undefined {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'mark' || !marks.includes(token.text)) return undefined;
    this.#next += 1;
    return token.text;
  }

  #end(): number {
    const last = this.#tokens.at(-1);
    return last === undefined ? 0 : last.at + last.text.length;
  }

  /** Long sums lean to the left as deep as they are long, and are walked as deep. */
  #checkDepth(parts: number): void {
    if (this.#depth <= DEPTH_MAX && parts <= 10 * DEPTH_MAX) return;
    throw invalidArgument(this.#field, 'The formula is nested too deep');
  }
}

/** The formula's text with each name replaced by what `of` says of it: a name, or a term in brackets. */
export function withNames(text: string, of: (name: string) => string, field: string): string {
  const tokens = tokensOf(text, field);
  let [written, done] = ['', 0];
  for (const [index, { kind, text: said, at }] of tokens.entries()) {
    if (kind !== 'name' || tokens[index + 1]?.text === '(') continue;
    written += text.slice(done, at) + of(said);
    done = at + said.length;
  }
  return written + text.slice(done);
}
