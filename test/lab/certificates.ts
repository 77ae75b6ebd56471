/**
 * Certificates for the lab's servers, made by openssl once and kept in the cache: a CA, a good certificate for
 * localhost and 127.0.0.1, one that has expired, one for another host, one that no CA signed, and two for the mail hosts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labCache } from './lab-directory.ts';

export interface KeyPair {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

export interface LabCertificates {
  /** Path of the CA's PEM file: what a client must trust. */
  readonly ca: string;
  readonly good: KeyPair;
  readonly expired: KeyPair;
  readonly wrongHost: KeyPair;
  readonly selfSigned: KeyPair;
  /** For old.example and new.example. */
  readonly mailHosts: KeyPair;
  /** For the same names, signed by nobody. */
  readonly foreignMailHosts: KeyPair;
}

/** Certificates are made new after this long; they are valid for twice as long. */
const keepDays = 180;
/** Of another name whenever the set is another: a test of a checkout before that may be using the one that it knows. */
const setName = 'certificates-2';
const mailHostNames = 'DNS:old.example,DNS:new.example';

export function labCertificates(): LabCertificates {
  const dir = join(labCache(), setName);
  if (!isFresh(dir)) make(dir);
  const pair = (name: string): KeyPair => ({ cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) });
  return {
    ca: join(dir, 'ca.crt'),
    good: pair('good'),
    expired: pair('expired'),
    wrongHost: pair('wrong-host'),
    selfSigned: pair('self-signed'),
    mailHosts: pair('mail-hosts'),
    foreignMailHosts: pair('foreign-mail-hosts'),
  };
}

/** The CA's certificate as text, for `tls.connect({ ca })`. */
export function labCaPem(): string {
  return readFileSync(labCertificates().ca, 'utf8');
}

function isFresh(dir: string): boolean {
  if (!existsSync(join(dir, 'self-signed.crt'))) return false;
  return Date.now() - statSync(join(dir, 'ca.crt')).mtimeMs < keepDays * 86_400_000;
}

function make(dir: string): void {
  // Made aside and renamed, so that two test processes which start together cannot see half of it.
  const aside = mkdtempSync(`${dir}-`);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: aside, stdio: ['ignore', 'pipe', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const days = String(keepDays * 2);

  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    days,
    '-subj',
    '/CN=Mailferry lab CA',
  );
  const sign = (name: string, host: string, altNames: string, validity: string[]) => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`);
    writeFileSync(join(aside, `${name}.ext`), `subjectAltName=${altNames}\n`);
    const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...ca, ...validity);
  };
  sign('good', 'localhost', 'DNS:localhost,IP:127.0.0.1,IP:::1', ['-days', days]);
  sign('wrong-host', 'mail.elsewhere.example', 'DNS:mail.elsewhere.example', ['-days', days]);
  sign('mail-hosts', 'new.example', mailHostNames, ['-days', days]);
  // `x509 -req` of OpenSSL 3.0 takes no dates; a negative lifetime gives one that ended yesterday.
  sign('expired', 'localhost', 'DNS:localhost,IP:127.0.0.1', ['-days', '-1']);
  const signItself = (name: string, host: string, altNames: string) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', days];
    openssl(
      'req',
      '-x509',
      ...newKey,
      ...files,
      '-subj',
      `/CN=${host}`,
      '-addext',
      `subjectAltName=${altNames}`,
    );
  };
  signItself('foreign-mail-hosts', 'new.example', mailHostNames);
  signItself('self-signed', 'localhost', 'DNS:localhost,IP:127.0.0.1');

  rmSync(dir, { recursive: true, force: true });
  try {
    renameSync(aside, dir);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(join(dir, 'self-signed.crt'))) throw error;
  }
}
