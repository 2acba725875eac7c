// Reads what the tidy rules need out of a source text: imports of every form, names that it declares, top-level statements.
// It parses for real, so strings and comments that look like code deceive no rule.

import { parseAst } from 'vitest/node';

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

export interface ImportUse {
  /** Undefined: computed, so that nobody can tell what is imported. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** Types alone: nothing of it is left when the program runs. */
  readonly isErased: boolean;
  /** Local names that the import binds. */
  readonly names: readonly string[];
}

export interface Syntax {
  readonly text: string;
  readonly body: readonly Node[];
}

export function parseSource(text: string): Syntax {
  const body: readonly unknown[] = parseAst(text.replace(/^#!.*/u, ''), { lang: 'ts' }).body;
  return { text, body: body.filter(isNode) };
}

export function lineOf(syntax: Syntax, node: Node): number {
  return syntax.text.slice(0, node.start).split('\n').length;
}

/** Each node below `root`, itself included, with the key under which its parent holds it. */
export function* nodesIn(root: unknown, key = ''): Generator<{ node: Node; key: string; parent?: Node }> {
  if (Array.isArray(root)) {
    for (const entry of root) yield* nodesIn(entry, key);
  } else if (isNode(root)) {
    yield { node: root, key };
    for (const [childKey, child] of Object.entries(root)) {
      for (const found of nodesIn(child, childKey))
        yield found.parent === undefined ? { ...found, parent: root } : found;
    }
  }
}

/** Static imports, re-exports, dynamic imports, `import('…')` types and `require`. */
export function importsOf(syntax: Syntax): readonly ImportUse[] {
  const uses: ImportUse[] = [];
  for (const { node } of nodesIn(syntax.body)) {
    const source = importSource(node);
    if (source === undefined) continue;
    const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
    const names = specifiers.flatMap((specifier) => nameOf(specifier['local']) ?? []);
    const isErased =
      node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type';
    uses.push({ specifier: literal(source.from), line: lineOf(syntax, node), isErased, names });
  }
  return uses;
}

function importSource(node: Node): { readonly from: unknown } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return { from: node['source'] };
    case 'ExportNamedDeclaration':
      return isNode(node['source']) ? { from: node['source'] } : undefined;
    case 'TSExternalModuleReference':
      return { from: node['expression'] };
    case 'CallExpression':
      return nameOf(node['callee']) === 'require' && Array.isArray(node['arguments'])
        ? { from: node['arguments'][0] }
        : undefined;
    default:
      return undefined;
  }
}

/** The dotted name of a plain member expression such as `process.env`, or of an identifier. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier' && typeof node['name'] === 'string') return node['name'];
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [nameOf(node['object']), nameOf(node['property'])];
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'TSLiteralType') return literal(node['literal']);
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
}
