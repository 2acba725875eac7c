// The image can be built from what is here: each file that the Dockerfile copies exists and is let through, what the package
// ships is in the image too, and its command is one that the program knows.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli.ts';
import { SETTINGS } from '../../src/config.ts';

const ROOT = new URL('../../', import.meta.url);
const dockerfile = read('Dockerfile');
const stages = dockerfile.split(/^FROM /mu).slice(1);
const finalStage = stages.at(-1) ?? '';

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** What a stage copies from the checkout, without what it takes from another stage. */
function copiedIn(stage: string): readonly string[] {
  const lines = stage.match(/^COPY (?!--from).+$/gmu) ?? [];
  return lines.flatMap((line) => line.split(/\s+/u).slice(1, -1));
}

describe('the image', () => {
  it('copies only what exists and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const copied = [...new Set(stages.flatMap(copiedIn))];
    expect(copied).toEqual(expect.arrayContaining(['src', 'proto', 'prompts', 'package-lock.json']));
    expect(copied.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
    expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([]);
    expect(allowed.map((line) => line.slice(1)).filter((path) => !copied.includes(path))).toEqual([]);
  });

  it('holds every folder that the package ships and the server reads', () => {
    const inImage = [...copiedIn(finalStage), ...(/dist/u.test(finalStage) ? ['dist'] : [])];
    expect(inImage).toEqual(
      expect.arrayContaining(['bin', 'dist', 'proto', 'prompts', 'examples', 'package.json']),
    );
  });

  it('runs the server as a user that is not root, with flags that it knows', () => {
    const [, list = '[]'] = /^CMD (\[.*\])$/mu.exec(finalStage) ?? [];
    const command: unknown = JSON.parse(list);
    expect(command).toEqual(expect.arrayContaining(['serve', '0.0.0.0:50051', '0.0.0.0:8080', '/data']));
    const serve = createProgram().commands.find((known) => known.name() === 'serve');
    const flags = serve?.options.map((option) => option.long);
    const used = list.match(/--[\w-]+/gu) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(flags).toEqual(expect.arrayContaining(used));
    expect(finalStage).toMatch(/^USER node$/mu);
    expect(SETTINGS.map((setting) => setting.variable)).toContain(/GROUPWISE_TOKEN/u.exec(dockerfile)?.[0]);
  });

  it('asks the server whether it is alive', () => {
    expect(finalStage).toMatch(/^HEALTHCHECK /mu);
    expect(finalStage).toContain('http://127.0.0.1:8080/healthz');
  });
});
