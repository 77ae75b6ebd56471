/** The new server's settings for mail programs, on both databases: when they are shown, to whom, and what they hold. */
import { expect, test } from 'vitest';
import { startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const toml = `[mail_programs]
name = "Example Mail"
[mail_programs.imap]
host = "imap.example.org"
[mail_programs.submission]
host = "smtp.example.org"
security = "starttls"
`;

describeOnBoth('Settings for mail programs', (env) => {
  const started = async (more: string) => {
    const control = await startControlFor(env.database, { toml: more });
    const list = 'address,team,new_login\nanna@example.org,North,anna.new\nbert@example.org,North,\n';
    await control.call('POST', '/api/v1/accounts/import', list);
    const cookie = await control.logIn('anna@example.org', 'right');
    const place = '/api/v1/accounts/anna@example.org/mail-programs';
    return {
      control,
      put: (phase: string) =>
        env.database.db
          .updateTable('account')
          .set({ phase: phase as never })
          .execute(),
      settings: async () => (await control.call('GET', place, undefined, { cookie })).body.settings,
      profile: () => control.call('GET', `${place}/profile`, undefined, { cookie }),
    };
  };

  test('are shown from being in step on, with standard ports and the login of new', async () => {
    const { control, put, settings, profile } = await started(toml);
    for (const phase of ['old', 'copying', 'rolling-back']) {
      await put(phase);
      expect(await settings(), phase).toBe(null);
      expect((await profile()).body, phase).toMatchObject({ status: 409, code: 'phase-refused' });
    }
    const user = 'anna.new';
    await put('in-step');
    expect(await settings()).toEqual({
      name: 'Example Mail',
      imap: { host: 'imap.example.org', port: 993, security: 'implicit', user },
      submission: { host: 'smtp.example.org', port: 587, security: 'starttls', user },
      pop3: null,
      both: true,
      page: null,
    });
    await put('switched');
    expect(await settings()).toMatchObject({ both: false });
    const { status, headers, text } = await profile();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/x-apple-aspen-config');
    expect(headers.get('content-disposition')).toBe('attachment; filename="mail.mobileconfig"');
    expect(text).toContain('<string>anna.new</string>');
    await control.close();
  });

  test('are none where the operator names no host', async () => {
    const { control, put, settings, profile } = await started('');
    await put('in-step');
    expect(await settings()).toBe(null);
    expect((await profile()).body).toMatchObject({ status: 404, code: 'route-unknown' });
    await control.close();
  });
});
