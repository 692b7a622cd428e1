import { createHash } from 'node:crypto';
import 'reflect-metadata';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { IsInt, Max, Min } from 'class-validator';
import { RequiresRole } from '#src/common/http/index.js';
import { startApplication, type RunningApplication } from '../support/application.js';

class Order {
  @IsInt() @Min(1) @Max(9) amount!: number;
}

@Controller('orders')
class OrdersController {
  @Get() list() {
    return [];
  }
  @Post() create(@Body() order: Order) {
    return order;
  }
  @RequiresRole('admin') @Get('bug') bug() {
    throw new Error('secret detail');
  }
}

class OrdersModule {}
Reflect.defineMetadata('controllers', [OrdersController], OrdersModule);

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');

describe('what every route shares', () => {
  let running: RunningApplication;
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${running.url}/api/v1${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', authorization: 'Bearer train-key', ...init.headers },
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, never>,
    };
  };

  beforeAll(async () => {
    process.env.TRAINYARD_API_KEYS = `tina:trainer:${sha256('train-key')},vic:viewer:${sha256('view-key')},ada:admin:${sha256('admin-key')}`;
    running = await startApplication([OrdersModule]);
  });
  afterAll(async () => {
    delete process.env.TRAINYARD_API_KEYS;
    await running.close();
  });

  it('lists each invalid and unknown field with its path and value', async () => {
    const { status, body } = await call('/orders', { method: 'POST', body: '{"amount":12,"colour":"red"}' });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: {
        errors: [
          { path: 'colour', value: 'red', message: 'there is no such field' },
          { path: 'amount', value: 12, message: 'amount must not be greater than 9' },
        ],
      },
    });
  });

  it('answers a body that is not JSON, one that is too large, and an unknown address', async () => {
    expect((await call('/orders', { method: 'POST', body: '{' })).body.code).toBe('MALFORMED_BODY');
    const large = await call('/orders', { method: 'POST', body: `{"a":"${'x'.repeat(1024 * 1024)}"}` });
    expect(large.status).toBe(413);
    expect(large.body).toMatchObject({ code: 'BODY_TOO_LARGE', details: { limit: 1024 * 1024 } });
    expect(await call('/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('answers a body that is nested too deep to be walked', async () => {
    for (const body of [`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, '['.repeat(200_000) + ']'.repeat(200_000)]) {
      expect(await call('/orders', { method: 'POST', body })).toMatchObject({
        status: 400,
        body: { code: 'MALFORMED_BODY', details: { limit: 64 } },
      });
    }
  });

  it('asks for a key, and holds it to its role', async () => {
    expect(await call('/orders', { headers: { authorization: '' } })).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    expect((await call('/orders', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await call('/orders', { headers: { authorization: 'Bearer view-key' } })).status).toBe(200);
    expect(
      await call('/orders', { method: 'POST', body: '{"amount":1}', headers: { authorization: 'Bearer view-key' } }),
    ).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', message: 'This needs the role trainer; the key "vic" has viewer' },
    });
    expect((await call('/orders', { method: 'POST', body: '{"amount":1}' })).status).toBe(201);
  });

  it('takes the key of an AWS client as the session token of its credentials, and believes no signature', async () => {
    const signature = 'AWS4-HMAC-SHA256 Credential=vic/20260101/us-east-1/sagemaker/aws4_request, Signature=00';
    const signed = (token: Record<string, string>) =>
      call('/orders', { headers: { authorization: signature, ...token } });
    expect((await signed({ 'x-amz-security-token': 'view-key' })).status).toBe(200);
    expect((await signed({ 'x-amz-security-token': 'wrong' })).status).toBe(401);
    expect(await signed({})).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    // Not a token beside some other credential.
    expect(
      (await call('/orders', { headers: { authorization: 'Bearer wrong', 'x-amz-security-token': 'view-key' } }))
        .status,
    ).toBe(401);
  });

  it('answers a bug without its detail and names the request', async () => {
    const { status, body, headers } = await call('/orders/bug', {
      headers: { authorization: 'Bearer admin-key', 'x-request-id': 'my-id-1' },
    });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL', requestId: 'my-id-1' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(headers.get('x-request-id')).toBe('my-id-1');
  });
});
