// What the lock file must hold: an entry for every optional dependency that it names. npm leaves some out when it writes a
// lock file over an installation or over a registry that lacks them, and `npm ci` then refuses the whole file.

import type { Violation } from './check-layers.ts';

export interface Lock {
  /** Path of an installed package, `node_modules/a/node_modules/b` → its entry. */
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

export function checkLock(lock: Lock): readonly Violation[] {
  return Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(path, name).some((place) => Object.hasOwn(lock.packages, place)))
      .map((name) => ({
        file: 'package-lock.json',
        rule: 'lock-incomplete',
        detail: `${path} may need ${name}, which has no entry: npm ci refuses the file`,
      })),
  );
}

/** Where Node looks for `name` from the package at `path`, nearest first. */
function placesOf(path: string, name: string): readonly string[] {
  const places = [path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`];
  for (
    let at = path.lastIndexOf('node_modules/');
    at !== -1;
    at = path.lastIndexOf('node_modules/', at - 1)
  ) {
    places.push(`${path.slice(0, at)}node_modules/${name}`);
    if (at === 0) break;
  }
  return places;
}
