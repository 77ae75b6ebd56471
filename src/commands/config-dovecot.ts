/** `mailferry config dovecot`: what Dovecot on a mail host is told; printed, put in force, or taken back. */
import { Command, Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { DovecotVersion } from '../app-passwords/index.ts';
import type { CommandEnv } from './command-env.ts';
import { addProxyOptions, anyTarget, type ProxyOptions, proxyTargetOf } from './dovecot-proxy-options.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

interface DovecotOptions extends ProxyOptions {
  readonly directory: string;
  readonly configDirectory: string;
  readonly side: 'old' | 'new';
  readonly userFields?: string;
  readonly dovecot?: DovecotVersion;
  readonly apply?: boolean;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const userFieldsForm = /^[a-z_]+=(%\{[a-z_|]+\}|[^\s{}#"])+( [a-z_]+=(%\{[a-z_|]+\}|[^\s{}#"])+)*$/;

export function configDovecotCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('dovecot')
    .description('print what Dovecot on a mail host is told, put it in force, or take it back')
    .option('--directory <dir>', 'that of the edge, with its replica', '/var/lib/mailferry-edge')
    .addOption(
      new Option(
        '--side <side>',
        'on which this host is; on new it also knows the accounts that Mailferry makes',
      )
        .choices(['old', 'new'])
        .default('old'),
    )
    .option(
      '--user-fields <text>',
      'with --side new: where their mail lies, as "uid=vmail gid=vmail home=/var/vmail/%d/%n"',
    );
  return addProxyOptions(command)
    .option('--config-directory <dir>', 'of Dovecot', '/etc/dovecot')
    .addOption(
      new Option('--dovecot <version>', 'for which Dovecot; else this host’s').choices(['2.3', '2.4']),
    )
    .addOption(new Option('--apply', 'put it in force, up to the reload').conflicts('undo'))
    .option('--undo', 'take back what --apply did')
    .option('--dry-run', 'with --apply or --undo: only say what would change')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      more(`
It makes the passwords good that the sync alone logs in with (app_passwords in
the configuration). On new it also makes the accounts known that Mailferry makes
there (new.provisioning.adapter = "sql"). With --proxy-to old checks people's
passwords as ever, and connects those whose account has moved to new. Without --apply and --undo nothing is
changed. Debian has what Dovecot needs to read the replica in dovecot-sqlite.

Examples:
  mailferry config dovecot
  mailferry config dovecot --apply
  mailferry config dovecot --proxy-to new.example.org --apply
  mailferry config dovecot --side new --user-fields "uid=vmail gid=vmail home=/var/vmail/%u"
  mailferry config dovecot --side new --trust 192.0.2.10 --apply
  mailferry config dovecot --undo

Exit codes: 0 done; 2 the arguments are wrong; 3 Dovecot refuses it, and all is
as before.`),
    )
    .action(async (options: DovecotOptions) => {
      const { apply = false, undo = false, dryRun = false, configDirectory } = options;
      if (dryRun && !apply && !undo)
        throw new MailferryError('usage', '--dry-run goes with --apply or --undo');
      const { side, userFields = '' } = options;
      if (userFields !== '' && (side !== 'new' || !userFieldsForm.test(userFields))) {
        const form = 'fields with their values, a blank between them, as "uid=vmail gid=vmail"';
        throw new MailferryError('usage', `--user-fields goes with --side new, and takes ${form}`);
      }
      const proxy = proxyTargetOf(options, side);
      const { trust } = options;
      if (trust.length > 0 && side !== 'new')
        throw new MailferryError('usage', '--trust goes with --side new');
      const { DovecotHost, dovecotFiles, dovecotUserFiles } = await import('../app-passwords/index.ts');
      const { dovecotProxyFiles, dovecotTrustFiles, keepingLogins, passdbsOf } = await import(
        '../access/index.ts'
      );
      const refuseKeeping = (settings: string): void => {
        const [keeping] = keepingLogins(passdbsOf(settings));
        if (keeping === undefined) return;
        const { driver, args, name } = keeping;
        throw new MailferryError(
          'dovecot-refused',
          `the passdb ${[name ?? driver, args].filter(Boolean).join(' ')} keeps the logins that it finds good, and who has moved would stay on old: add "result_success = continue-ok" to its block, and "skip = authenticated" where there is another one before it`,
        );
      };
      const host = new DovecotHost(configDirectory);
      const version = options.dovecot ?? (await host.version());
      const site = { version, replica: `${options.directory}/replica.sqlite`, configDirectory };
      const files = [
        ...dovecotFiles(site),
        ...(side === 'new' || undo ? dovecotUserFiles(site, userFields) : []),
        ...(trust.length > 0 || undo ? dovecotTrustFiles(site, trust) : []),
        ...(proxy === null
          ? undo
            ? dovecotProxyFiles(site, anyTarget, [])
            : []
          : dovecotProxyFiles(site, proxy, await host.protocols())),
      ];
      const say = (line: object): boolean => env.stdout.write(`${JSON.stringify(line)}\n`);
      if (!apply && !undo) {
        if (options.json === true)
          say({ type: 'dovecot-settings', files: files.map(({ name, text }) => ({ name, text })) });
        else
          env.stdout.write(
            files.map(({ name, text }) => `# ${configDirectory}/${name}\n\n${text}`).join('\n'),
          );
      } else {
        if (apply && proxy !== null) refuseKeeping(await host.settings());
        const looked = apply ? host.changes(files) : host.there(files);
        const changed = dryRun ? looked : apply ? await host.apply(files) : await host.undo(files);
        const kind = 'file';
        if (options.json === true) {
          for (const name of changed) say({ type: 'change', dryRun, kind, name, removed: undo });
          say({ type: 'summary', dryRun, changes: changed.length });
        } else {
          for (const name of changed)
            env.stdout.write(`file  ${configDirectory}/${name}${undo ? ': removed' : ''}\n`);
          env.stdout.write(lastLine(changed.length, dryRun));
        }
      }
      done(exitCode.ok);
    });
}

function lastLine(changes: number, dryRun: boolean): string {
  if (changes === 0) return 'All of it is so already; nothing was changed.\n';
  return dryRun ? 'Nothing was changed.\n' : 'Changed. To put it in force: doveadm reload\n';
}
