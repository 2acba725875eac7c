import { describe, expect, it } from 'vitest';
import { cannotListen } from '../../../src/contract/listening.ts';

describe('cannotListen()', () => {
  it.each([
    ['listen EADDRINUSE: address already in use 127.0.0.1:80', 'another program has this port'],
    [
      'No address added out of total 1 resolved errors: [listen EADDRINUSE: address already in use 127.0.0.1:80]',
      'another program has this port',
    ],
    ['listen EACCES: permission denied 127.0.0.1:80', 'this user may not have this port'],
    ['listen EADDRNOTAVAIL: address not available 192.0.2.1:80', 'this machine does not have this address'],
    ['getaddrinfo ENOTFOUND nowhere.invalid', 'there is no such host'],
    ['something else', 'something else'],
  ])('says of %j: %s', (message, reason) => {
    const cause = new Error(message);
    expect(cannotListen('127.0.0.1:80', cause)).toMatchObject({
      code: 'unavailable',
      message: `Cannot listen on 127.0.0.1:80: ${reason}`,
      cause,
    });
  });
});
