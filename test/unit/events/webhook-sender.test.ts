import { isPrivateAddress, postWebhook } from '#src/events/webhook-sender.js';

const post = (url: string) => postWebhook({ url, headers: {}, body: '{}', timeoutMs: 1_000, allowPrivate: false });

describe('isPrivateAddress', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '255.255.255.255',
  ])('refuses %s', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:8.8.8.8', 'example.com'])(
    'lets %s pass',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

describe('postWebhook', () => {
  it.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://2130706433:1/',
    'http://0x7f.1:1/',
    'http://[::ffff:7f00:1]:1/',
  ])('does not call %s, whatever way it is written', async (url) => {
    await expect(post(url)).rejects.toThrow('is in a private network');
  });

  it('does not call a name that stands for a private address', async () => {
    await expect(post('http://localhost:1/')).rejects.toThrow(
      /^localhost \((127\.0\.0\.1|::1)\) is in a private network/,
    );
  });
});
