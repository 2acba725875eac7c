// What the documents promise about files: each relative link leads somewhere, to a heading that is there, and each path
// that ARCHITECTURE.md names exists. Pure: the files are handed in.

import { posix } from 'node:path';
import type { Violation } from './check-layers.ts';

const LINK = /!?\[[^\]]*\]\((?<target>[^)\s]+)(?:\s"[^"]*")?\)/gu;
const SPAN = /`(?<code>[^`\n]+)`/gu;
/** Looks like a path of this repository: a known top level, or a file name with one of our endings. */
const PATH =
  /^(?:(?:src|test|docs|proto|prompts|examples|scripts|bin|\.ci)\/[\w./-]*|[\w-]+(?:\/[\w.-]+)*\.(?:ts|md|mjs|proto|json|jsonl))$/u;

/** Path from the root → text of the documents; `exists` knows every file and folder of the repository. */
export function checkLinks(
  documents: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [file, text] of documents) {
    for (const target of linksOf(text)) {
      if (/^[a-z]+:/iu.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const resolved = path === '' ? file : posix.join(posix.dirname(file), path);
      if (!exists(resolved)) {
        violations.push({ file, rule: 'link', detail: `"${target}" leads to no file` });
        continue;
      }
      const linked = documents.get(resolved);
      if (anchor !== undefined && linked !== undefined && !headingsOf(linked).has(anchor)) {
        violations.push({ file, rule: 'link', detail: `"${target}" leads to no heading` });
      }
    }
  }
  return violations;
}

/** Paths in code spans must exist, from the root, from `src/`, or as a glob's folder. */
export function checkNamedFiles(
  file: string,
  text: string,
  exists: (path: string) => boolean,
): readonly Violation[] {
  const named = [...withoutFences(text).matchAll(SPAN)].map((match) => match.groups?.['code'] ?? '');
  return named
    .filter((code) => PATH.test(code) && !code.includes('NNNN'))
    .map((code) => code.replace(/\/$/u, ''))
    .filter((path) => !exists(path) && !exists(`src/${path}`))
    .map((path) => ({ file, rule: 'named-file', detail: `\`${path}\` does not exist` }));
}

function linksOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(LINK)].map((match) => match.groups?.['target'] ?? '');
}

/** Anchors as GitHub makes them. */
export function headingsOf(text: string): ReadonlySet<string> {
  const headings = withoutFences(text).match(/^#{1,6} .+$/gmu) ?? [];
  const seen = new Map<string, number>();
  const anchors = headings.map((heading) => {
    const slug = heading
      .replace(/^#+ /u, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/gu, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(anchors);
}

function withoutFences(text: string): string {
  return text.replaceAll(/^(?:```|~~~)[\s\S]*?^(?:```|~~~)[ \t]*$/gmu, '');
}
