// Holds sources to the table in `layers.ts`. Pure: paths and texts in, violations out, so that a test can hand it sources
// that break each rule.

import { posix } from 'node:path';
import { LAYERS, PACKAGE_PLACES, SHARED_IN_ADAPTERS, type Layer } from './layers.ts';
import { importsOf, parseSource } from './syntax.ts';

/** Path from the repository's root, with slashes → text. */
export type Sources = ReadonlyMap<string, string>;

export interface Violation {
  readonly file: string;
  readonly rule: string;
  readonly detail: string;
}

interface Edge {
  readonly file: string;
  readonly line: number;
  readonly specifier: string | undefined;
  readonly isErased: boolean;
  /** The file that a relative import names. */
  readonly target: string | undefined;
}

export function checkLayers(sources: Sources): readonly Violation[] {
  const edges = [...sources].flatMap(([file, text]) => edgesOf(file, text));
  return [
    ...[...sources.keys()].filter((file) => layerOf(file) === undefined).map(homeless),
    ...edges.flatMap((edge) => checkEdge(edge, sources)),
    ...checkSharing(edges),
    ...findCycles(edges),
  ];
}

export function layerOf(file: string): Layer | undefined {
  return LAYERS.find(({ path }) => isUnder(file, path));
}

/** `node:fs/promises` → `node:fs`, `hono/cors` → `hono`, `@grpc/grpc-js/build/x` → `@grpc/grpc-js`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isUnder(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place;
}

function edgesOf(file: string, text: string): readonly Edge[] {
  return importsOf(parseSource(text)).map(({ specifier, line, isErased }) => ({
    file,
    line,
    specifier,
    isErased,
    target: specifier?.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined,
  }));
}

function homeless(file: string): Violation {
  return {
    file,
    rule: 'layer-unknown',
    detail: 'it lies in no layer: add one to the table or move the file',
  };
}

function checkEdge(edge: Edge, sources: Sources): readonly Violation[] {
  const { file, line, specifier, target } = edge;
  const from = layerOf(file);
  if (from === undefined) return [];
  const violation = (rule: string, detail: string): Violation[] => [
    { file: `${file}:${line}`, rule, detail },
  ];
  if (specifier === undefined) return violation('import-computed', 'nobody can tell what it imports');
  if (target === undefined) return checkPackage(edge, from, packageOf(specifier));
  if (!sources.has(target)) return violation('import-missing', `"${specifier}" is no file of src`);
  const to = layerOf(target);
  const isAllowed = to === from || from.mayImport.includes('*') || from.mayImport.includes(to?.name ?? '');
  return isAllowed ? [] : violation('layer-import', `${from.name} imports ${to?.name}: ${from.because}`);
}

function checkPackage(edge: Edge, from: Layer, name: string): readonly Violation[] {
  const file = `${edge.file}:${edge.line}`;
  const violations: Violation[] = [];
  const isNode = name.startsWith('node:');
  const isAllowed =
    from.packages.includes('*') ||
    from.packages.includes(name) ||
    (isNode && from.packages.includes('node:*'));
  if (!isAllowed) {
    violations.push({
      file,
      rule: 'package-import',
      detail: `${from.name} imports ${name}: ${from.because}`,
    });
  }
  const rule = PACKAGE_PLACES.find((place) => place.package === name);
  if (rule !== undefined && !rule.places.some((place) => isUnder(edge.file, place))) {
    violations.push({ file, rule: 'package-place', detail: `${name} belongs elsewhere: ${rule.because}` });
  }
  return violations;
}

/** Each npm package of the adapters has one importing file, so that replacing it is one file's work. */
function checkSharing(edges: readonly Edge[]): readonly Violation[] {
  const users = new Map<string, Set<string>>();
  for (const { file, specifier, target } of edges) {
    const isPackage = specifier !== undefined && target === undefined && !specifier.startsWith('node:');
    if (!isPackage || layerOf(file)?.name !== 'adapters') continue;
    const name = packageOf(specifier);
    users.set(name, (users.get(name) ?? new Set()).add(file));
  }
  return [...users]
    .filter(
      ([name, files]) => files.size > 1 && !SHARED_IN_ADAPTERS.some((shared) => shared.package === name),
    )
    .map(([name, files]) => ({
      file: [...files].join(', '),
      rule: 'package-shared',
      detail: `${name} has more than one importing file among the adapters`,
    }));
}

/** Cycles of files that load each other, each reported once, from its first file on. */
function findCycles(edges: readonly Edge[]): readonly Violation[] {
  const targets = Map.groupBy(
    edges.filter((edge) => !edge.isErased),
    (edge) => edge.file,
  );
  const done = new Set<string>();
  const violations: Violation[] = [];
  function visit(file: string, path: readonly string[]): void {
    const at = path.indexOf(file);
    if (at !== -1) {
      violations.push({ file, rule: 'import-cycle', detail: [...path.slice(at), file].join(' → ') });
      return;
    }
    if (done.has(file)) return;
    for (const { target } of targets.get(file) ?? []) {
      if (target !== undefined && target !== file) visit(target, [...path, file]);
    }
    done.add(file);
  }
  for (const file of targets.keys()) visit(file, []);
  return violations;
}
