import { describe, expect, test } from 'vitest';
import {
  apiKeyVariable,
  defaultOf,
  GENERATE_SETTINGS,
  readKey,
  readSettings,
  SETTINGS,
} from '../../src/config.ts';

describe('apiKeyVariable()', () => {
  test.each([
    ['https://api.openai.com/v1', {}, 'OPENAI_API_KEY'],
    ['http://127.0.0.1:8000/v1', {}, undefined],
    ['http://127.0.0.1:8000/v1', { OPENAI_API_KEY: 'k' }, 'OPENAI_API_KEY'],
  ])('apiKeyVariable() of %s in %j is %s', (url, variables, expected) => {
    expect(apiKeyVariable(url, variables)).toBe(expected);
  });
});

describe('readKey()', () => {
  test('readKey() reads a key by the name of its variable, and names the one that is missing', () => {
    expect(readKey('MY_KEY', { MY_KEY: 'k' })).toBe('k');
    expect(() => readKey('MY_KEY', { MY_KEY: '' })).toThrow(expect.objectContaining({ setting: 'MY_KEY' }));
  });
});

describe('readSettings()', () => {
  test('takes flags before environment variables before defaults', () => {
    const settings = readSettings(
      { grpc: '127.0.0.1:1' },
      { GROUPWISE_GRPC: '127.0.0.1:2', GROUPWISE_HTTP: '[::1]:3' },
    );
    expect(settings.grpc).toBe('127.0.0.1:1');
    expect(settings.http).toBe('[::1]:3');
    expect(settings.data).toBe('groupwise-data');
    expect(settings.drainMs).toBe(10_000);
  });

  test('takes an empty variable as absent', () => {
    expect(readSettings({}, { GROUPWISE_TOKEN: '' }).token).toBeUndefined();
  });

  test.each([
    { flags: { grpc: 'localhost' }, variables: {}, named: '--grpc' },
    { flags: { grpc: 'localhost:99999' }, variables: {}, named: '--grpc' },
    { flags: {}, variables: { GROUPWISE_HTTP: 'nowhere' }, named: 'GROUPWISE_HTTP' },
    { flags: { drainMs: 'soon' }, variables: {}, named: '--drain-ms' },
    { flags: { drainMs: '-1' }, variables: {}, named: '--drain-ms' },
    { flags: { logLevel: 'loud' }, variables: {}, named: '--log-level' },
    { flags: {}, variables: { GROUPWISE_TOKEN: 'short' }, named: 'GROUPWISE_TOKEN' },
    { flags: { modelUrl: 'ftp://models' }, variables: {}, named: '--model-url' },
    { flags: {}, variables: { OPENAI_BASE_URL: 'nowhere' }, named: 'OPENAI_BASE_URL' },
    { flags: { tlsCert: 'cert.pem' }, variables: {}, named: '--tls-cert' },
  ])('names $named when it cannot be used', ({ flags, variables, named }) => {
    expect(() => readSettings(flags, variables)).toThrow(expect.objectContaining({ setting: named }));
    expect(() => readSettings(flags, variables)).toThrow(named);
  });

  test('does not repeat a refused token', () => {
    expect(() => readSettings({ token: 'hunter2' }, {})).toThrow(/^(?!.*hunter2)/);
  });

  test('SETTINGS has one entry for each setting, with a flag and a variable of its own', () => {
    const all = [...SETTINGS, ...GENERATE_SETTINGS];
    expect(all.map(({ key }) => key).toSorted()).toEqual(Object.keys(readSettings({}, {})).toSorted());
    expect(new Set(all.map(({ flag }) => flag)).size).toBe(all.length);
    expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length);
    expect(SETTINGS.map(defaultOf)).toContain('127.0.0.1:50051');
  });
});
