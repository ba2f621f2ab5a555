import { describe, expect, test } from '@jest/globals';
import { canUseProxy, readProxy } from '../../client/calls/proxy.ts';

describe('a proxy', () => {
  test.each([
    ['22.18.0', false],
    ['22.21.0', true],
    ['23.11.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['25.0.0', true],
  ])('with Node %s is used: %p', (version, expected) => {
    expect(canUseProxy(version)).toBe(expected);
  });

  test.each(['proxy.example.com:3128', 'socks5://user:secret@proxy.example.com', 'no url'])(
    'that is not the URL of an HTTP proxy is refused without its password: %s',
    (value) => {
      expect(() => readProxy({ HTTPS_PROXY: value })).toThrow(
        /^HTTPS_PROXY is not the URL of an HTTP proxy: (?!.*secret)/,
      );
    },
  );

  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [
      { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' },
      { 'https:': { variable: 'https_proxy', address: 'b:2' } },
    ],
    [{ HTTP_PROXY: 'http://u:p@a:1' }, { 'http:': { variable: 'HTTP_PROXY', address: 'a:1' } }],
  ])('of %j', (environment, named) => {
    expect(readProxy(environment)?.named).toEqual(named);
  });
});
