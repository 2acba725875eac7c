// What a module may do by being imported: nothing. No mutable state at its top level, no work, no reading of the
// environment outside of the settings; and names that the glossary allows. Pure, as the check of layers.

import type { Violation } from './check-layers.ts';
import { importsOf, isNode, lineOf, nameOf, nodesIn, parseSource, type Node, type Syntax } from './syntax.ts';

/** Methods that change the collection that they are called on. */
const MUTATORS = new Set('set add delete clear push pop shift unshift splice sort reverse fill'.split(' '));
const MUTABLE_CLASSES = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array']);
const OUTSIDE = /^node:(?:fs|fs\/promises|child_process|net|http|http2|https|sqlite|worker_threads|dgram)$/u;
const DECLARATIONS = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'VariableDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSDeclareFunction',
]);
/** Files that nobody imports: a worker runs them as its program, so they work at their top level. */
export const PROGRAMS: ReadonlySet<string> = new Set([
  'src/adapters/document-extractor-worker.ts',
  'src/adapters/verifier-pool-worker.ts',
  'src/adapters/onnx-worker.ts',
  'src/trainer/engine/engine-worker.ts',
]);
const ENVIRONMENT_READER = 'src/config.ts';

/** Words that STYLE forbids inside of a declared name. The value says what to write. */
const WORDS: Readonly<Record<string, string>> = {
  req: 'request',
  res: 'response or result',
  cfg: 'config',
  impl: 'the name of the idea',
  manager: 'what it does',
  helper: 'what it does',
  helpers: 'what they do',
  util: 'what it does',
  utils: 'what they do',
  grader: 'scorer, verifier or judge',
  rubric: 'recipe or scorer',
  oracle: 'ground truth',
  critic: 'judge',
  trajectory: 'rollout',
  staleness: 'drift',
};

export function checkModule(file: string, text: string): readonly Violation[] {
  const syntax = parseSource(text);
  const at = (node: Node, rule: string, detail: string): Violation => ({
    file: `${file}:${lineOf(syntax, node)}`,
    rule,
    detail,
  });
  return [
    ...(PROGRAMS.has(file) ? [] : syntax.body.flatMap((node) => checkTopLevel(syntax, node, at))),
    ...checkEnvironment(file, syntax, at),
    ...checkNames(syntax, at),
  ];
}

type Report = (node: Node, rule: string, detail: string) => Violation;

function checkTopLevel(syntax: Syntax, statement: Node, at: Report): readonly Violation[] {
  if (!DECLARATIONS.has(statement.type)) {
    return [at(statement, 'import-work', `a top-level ${statement.type} runs when the module is imported`)];
  }
  const inner = statement['declaration'];
  const declaration = isNode(inner) ? inner : statement;
  if (declaration.type !== 'VariableDeclaration') return [];
  if (declaration['kind'] !== 'const') {
    return [at(declaration, 'top-level-state', `a top-level ${String(declaration['kind'])} can change`)];
  }
  const declarators = Array.isArray(declaration['declarations'])
    ? declaration['declarations'].filter(isNode)
    : [];
  return declarators.flatMap((declarator) => {
    const state = checkConstant(syntax, declarator, declaration !== statement);
    const outside = callsNow(declarator['init']).find(
      (name) => name === 'await' || isFromOutside(syntax, name),
    );
    return [
      ...(state === undefined ? [] : [at(declarator, 'top-level-state', state)]),
      ...(outside === undefined
        ? []
        : [at(declarator, 'import-work', `it calls ${outside} while it is imported`)]),
    ];
  });
}

function checkConstant(syntax: Syntax, declarator: Node, isExported: boolean): string | undefined {
  const value = unwrap(declarator['init']);
  if (value === undefined) return undefined;
  const name = nameOf(declarator['id']) ?? '';
  if (changedNames(syntax).has(name)) return `"${name}" is changed by this module`;
  if (isExported && isCollection(value) && !saysReadonly(syntax, declarator['id'])) {
    return `"${name}" can be changed by any importer: declare it read-only`;
  }
  return undefined;
}

/** Names whose members this module sets, deletes, or changes through a method. */
function changedNames(syntax: Syntax): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { node } of nodesIn(syntax.body)) {
    const changed = changedBy(node);
    const name =
      isNode(changed) && changed.type === 'MemberExpression' ? nameOf(changed['object']) : undefined;
    if (name !== undefined) names.add(name);
  }
  return names;
}

function changedBy(node: Node): unknown {
  switch (node.type) {
    case 'AssignmentExpression':
      return node['left'];
    case 'UpdateExpression':
      return node['argument'];
    case 'UnaryExpression':
      return node['operator'] === 'delete' ? node['argument'] : undefined;
    case 'CallExpression': {
      const callee = node['callee'];
      return isNode(callee) && MUTATORS.has(nameOf(callee['property']) ?? '') ? callee : undefined;
    }
    default:
      return undefined;
  }
}

function isCollection(value: Node): boolean {
  if (value.type === 'NewExpression') return MUTABLE_CLASSES.has(nameOf(value['callee']) ?? '');
  return isEmpty(value['elements']) || isEmpty(value['properties']);
}

function isEmpty(entries: unknown): boolean {
  return Array.isArray(entries) && entries.length === 0;
}

/** An annotation that names none of the classes that can be changed. */
function saysReadonly(syntax: Syntax, id: unknown): boolean {
  if (!isNode(id) || !isNode(id['typeAnnotation'])) return false;
  const { start, end } = id['typeAnnotation'];
  const annotation = typeof end === 'number' ? syntax.text.slice(start, end) : '';
  return (
    !/^:\s*(?:Map|Set|WeakMap|WeakSet|Array|Record)\b/u.test(annotation) &&
    !/^[^<]*(?<!readonly .*)\[\]$/u.test(annotation)
  );
}

/** Names that are called while `value` is computed; what stands in a function or a class method is not. */
function callsNow(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(callsNow);
  if (!isNode(value) || isDeferred(value)) return [];
  const isCall = value.type === 'CallExpression' || value.type === 'NewExpression';
  const name = value.type === 'AwaitExpression' ? 'await' : isCall ? nameOf(value['callee']) : undefined;
  return [...(name === undefined ? [] : [name]), ...Object.values(value).flatMap(callsNow)];
}

function isDeferred(node: Node): boolean {
  return ['ArrowFunctionExpression', 'FunctionExpression', 'MethodDefinition', 'PropertyDefinition'].includes(
    node.type,
  );
}

function isFromOutside(syntax: Syntax, called: string): boolean {
  const root = called.split('.')[0] ?? '';
  return importsOf(syntax).some((use) => OUTSIDE.test(use.specifier ?? '') && use.names.includes(root));
}

function checkEnvironment(file: string, syntax: Syntax, at: Report): readonly Violation[] {
  if (file === ENVIRONMENT_READER) return [];
  const violations: Violation[] = [];
  for (const { node } of nodesIn(syntax.body)) {
    const importsEnv =
      node.type === 'ImportSpecifier' && nameOf(node['imported']) === 'env' && importsProcess(syntax);
    if (importsEnv || (node.type === 'MemberExpression' && nameOf(node) === 'process.env')) {
      violations.push(at(node, 'environment', `only ${ENVIRONMENT_READER} reads process.env`));
    }
  }
  return violations;
}

function importsProcess(syntax: Syntax): boolean {
  return importsOf(syntax).some((use) => use.specifier === 'node:process' && use.names.length > 0);
}

function checkNames(syntax: Syntax, at: Report): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { node, key, parent } of nodesIn(syntax.body)) {
    if (node.type !== 'Identifier' || parent === undefined || !isDeclared(key, parent)) continue;
    const name = nameOf(node) ?? '';
    const word = wordsOf(name).find((candidate) => Object.hasOwn(WORDS, candidate));
    if (word !== undefined)
      violations.push(at(node, 'name-word', `"${name}": for "${word}" say ${WORDS[word]}`));
    if (parent.type === 'TSInterfaceDeclaration' && /^I[A-Z][a-z]/u.test(name)) {
      violations.push(at(node, 'name-prefix', `"${name}": an interface has no I in front`));
    }
  }
  return violations;
}

/** Whether the identifier under `key` of `parent` is a name that this file gives, not one that it uses. */
function isDeclared(key: string, parent: Node): boolean {
  if (key === 'id' || key === 'params') return true;
  return (
    key === 'key' && ['TSPropertySignature', 'PropertyDefinition', 'MethodDefinition'].includes(parent.type)
  );
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u);
}

/** The value below `as const`, `satisfies` and the like. */
function unwrap(value: unknown): Node | undefined {
  if (!isNode(value)) return undefined;
  const isWrapper = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(value.type);
  return isWrapper ? unwrap(value['expression']) : value;
}
