/** The description of the API, made from the routes themselves; served at /api/openapi.json. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Api } from './control-context.ts';

export async function describeApi(api: Api, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mailferry',
        version,
        description:
          'What operators do and see. Errors are application/problem+json (RFC 9457) with a stable code.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  api.get('/api/openapi.json', { config: { scope: null }, schema: { hide: true } }, async () =>
    api.swagger(),
  );
}
