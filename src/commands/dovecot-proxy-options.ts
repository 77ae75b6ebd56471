/** `mailferry config dovecot --side old --proxy-to`: where Dovecot connects people to whose account has moved. */
import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ProxiedService, proxiedServices, type ProxyTarget, standardPorts } from '../access/index.ts';
import { MailferryError } from '../base/errors.ts';

export interface ProxyOptions {
  readonly proxyTo?: string;
  readonly proxyPort?: ReadonlyMap<ProxiedService, number>;
  readonly proxyTls: ProxyTarget['tls'];
  readonly proxyCaFile?: string;
  readonly trust: readonly string[];
}

/** For the names of the files alone. */
export const anyTarget: ProxyTarget = { host: 'localhost', ports: standardPorts, tls: 'none', caFile: null };

const hostForm = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
/** It stands in Dovecot's configuration, on a line of its own. */
const fileForm = /^\/[^\s"'{}#]+$/;

export function addProxyOptions(command: Command): Command {
  return command
    .option('--proxy-to <host>', 'with --side old: where people are connected to whose account has moved')
    .option(
      '--proxy-port <service=port>',
      `of ${proxiedServices.join(', ')} there, where it is not the usual one (repeat for several)`,
      portOf,
    )
    .addOption(
      new Option('--proxy-tls <how>', 'new’s certificate is verified, is any at all, or there is no TLS')
        .choices(['verify', 'any-cert', 'none'])
        .default('verify'),
    )
    .option('--proxy-ca-file <file>', 'issuers of new’s certificate (PEM), where Dovecot does not know them')
    .option(
      '--trust <network>',
      'with --side new: old’s address, which says whose connection it brings (repeat for several)',
      networkOf,
      [],
    );
}

function portOf(text: string, before: ReadonlyMap<ProxiedService, number> = new Map()) {
  const [, name, digits] = /^([a-z0-9]+)=(\d{1,5})$/.exec(text) ?? [];
  const service = proxiedServices.find((one) => one === name);
  const port = Number(digits);
  if (service === undefined || port < 1 || port > 65_535)
    throw new InvalidArgumentError(`write ${proxiedServices.join(', ')} with a port, as imap=1993.`);
  return new Map([...before, [service, port]]);
}

function networkOf(text: string, before: readonly string[]): string[] {
  const [address = '', width = ''] = text.split('/', 2);
  const kind = isIP(address);
  const bits = kind === 4 ? 32 : 128;
  if (kind === 0 || !/^\d{0,3}$/.test(width) || Number(width) > bits || text.split('/').length > 2)
    throw new InvalidArgumentError('write an address, or a network like 192.0.2.0/28.');
  return [...before, text];
}

/** Null without `--proxy-to`. Throws `usage`. */
export function proxyTargetOf(options: ProxyOptions, side: 'old' | 'new'): ProxyTarget | null {
  const { proxyTo: host, proxyPort = new Map(), proxyTls: tls, proxyCaFile: caFile = null } = options;
  if (host === undefined) {
    if (proxyPort.size > 0 || caFile !== null)
      throw new MailferryError('usage', '--proxy-port and --proxy-ca-file go with --proxy-to');
    return null;
  }
  if (side !== 'old') throw new MailferryError('usage', '--proxy-to goes with --side old');
  if (isIP(host) === 0 && !hostForm.test(host))
    throw new MailferryError('usage', `--proxy-to takes a host name or an IP address, not "${host}"`);
  if (caFile !== null && !fileForm.test(caFile))
    throw new MailferryError('usage', '--proxy-ca-file takes the whole path of a file, without blanks');
  return { host, ports: { ...standardPorts, ...Object.fromEntries(proxyPort) }, tls, caFile };
}
