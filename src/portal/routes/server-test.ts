/** Trying out a mail server, for the set-up assistant. For operators: it connects to wherever it is told. */
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import type { ShownCertificate } from '../server-probe.ts';
import { timeSchema, timeText } from '../presenters/time.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { maxPassword } from '../login/password-hash.ts';

const certificateSchema = z
  .object({
    subject: z.string(),
    issuer: z.string(),
    names: z.array(z.string()),
    validFrom: timeSchema,
    validTo: timeSchema,
    fingerprintSha256: z.string().describe('Lower-case hex, as `tls_fingerprints` takes it'),
    trusted: z.boolean().describe('By the system, or by what the configuration says of that side'),
    why: z.string().nullable().describe('Why not'),
  })
  .meta({ id: 'ShownCertificate' });

export function serverTestRoutes(api: Api, { probe, log }: ControlContext): void {
  api.post(
    '/servers/test',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Try out a mail server; nothing is changed or kept',
        description: 'Without a login it tells only whether the server can be reached.',
        tags: ['servers'],
        body: z.strictObject({
          side: z.enum(['old', 'new']),
          host: z
            .string()
            .max(253)
            .regex(/^[\w.:-]+$/, 'a name or an address'),
          port: z.number().int().min(1).max(65_535).nullable().default(null),
          tls: z.enum(['implicit', 'starttls', 'none']).default('implicit'),
          login: z
            .strictObject({ user: z.string().min(1).max(320), password: z.string().min(1).max(maxPassword) })
            .nullable()
            .default(null),
        }),
        response: {
          200: z
            .object({
              reached: z.boolean(),
              loggedIn: z.boolean(),
              code: z.string().nullable(),
              reason: z.string().nullable(),
              action: z.string().nullable(),
              product: z.string().nullable(),
              capabilities: z.array(z.string()),
              appendLimitBytes: z.int().nullable(),
              certificate: certificateSchema.nullable().describe('Null without TLS, and where none was seen'),
            })
            .meta({ id: 'ServerTest' }),
        },
      },
    },
    async (request) => {
      const { side, host, port, tls, login } = request.body;
      log.info({ actor: actorOf(request), side, host, port, tls }, 'a server is tried out');
      const given = login === null ? null : { user: login.user, password: new Secret(login.password) };
      const found = await probe({ side, host, port, tls, login: given });
      return {
        ...found,
        capabilities: [...found.capabilities],
        certificate: found.certificate === null ? null : certificateAnswer(found.certificate),
      };
    },
  );
}

function certificateAnswer({ validFromMs, validToMs, names, ...rest }: ShownCertificate) {
  return { ...rest, names: [...names], validFrom: timeText(validFromMs), validTo: timeText(validToMs) };
}
