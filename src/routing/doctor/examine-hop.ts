/** The way of mail from this host to its peer: whether it is taken here, gets there, and as what. Pure. */
import type { HostFinding } from '../../domain/host-report.ts';
import type { HostFacts, PeerFacts, PostfixFacts } from './facts.ts';
import { finding } from './finding-table.ts';

/** Postfix tries again within minutes: what waits longer waits for something. */
const waitsMs = 10 * 60_000;
/** So many at once are no chance. */
const waitingMany = 10;
/** From here on somebody should look today: mail is given back after five days by default. */
const pilesUpMs = 4 * 3_600_000;
const pilesUpMany = 100;

/** TLS levels at which Postfix hands over nothing without it. */
const needsTls = ['encrypt', 'verify', 'secure', 'dane-only'];

export function examineHop(facts: HostFacts): HostFinding[] {
  return [...peerOf(facts), ...recipientsOf(facts), ...queueOf(facts)];
}

function peerOf({ toPeer, peer, postfix }: HostFacts): HostFinding[] {
  if (!('seen' in toPeer)) return [];
  const { seen } = toPeer;
  if (seen.kind === 'unreachable') return [finding('peer-unreachable', { peer, said: seen.said })];
  if (seen.kind === 'refused') return [finding('peer-refuses', { peer, said: seen.said })];
  const { recipient } = seen;
  const takes = recipient === null || /^(2\d\d|530)/.test(recipient.reply);
  return [
    ...('seen' in postfix ? parityOf(seen, postfix.seen, peer) : []),
    ...(takes
      ? []
      : [finding('peer-refuses-recipient', { peer, address: recipient.address, said: recipient.reply })]),
  ];
}

function parityOf(
  { extensions }: Extract<PeerFacts, { readonly kind: 'greets' }>,
  here: PostfixFacts,
  peer: string,
): HostFinding[] {
  const has = (word: string) => extensions.some((line) => line === word || line.startsWith(`${word} `));
  const limit = sizeLimitOf(extensions);
  const tls = here.configured.kind === 'applied' ? here.configured.told?.tls : undefined;
  const smaller = limit !== 0 && (here.sizeLimit === 0 || limit < here.sizeLimit);
  return [
    ...(tls !== undefined && needsTls.includes(tls) && !has('STARTTLS')
      ? [finding('peer-starttls', { peer, tls })]
      : []),
    ...(smaller
      ? [
          finding('peer-size', {
            peer,
            here: here.sizeLimit === 0 ? '∞' : String(here.sizeLimit),
            there: String(limit),
          }),
        ]
      : []),
    ...(here.eightBitMime && !has('8BITMIME') ? [finding('peer-8bitmime', { peer })] : []),
    ...(here.smtpUtf8 && !has('SMTPUTF8') ? [finding('peer-smtputf8', { peer })] : []),
  ];
}

/** RFC 1870 §4: 0 or nothing is no limit that is told. */
function sizeLimitOf(extensions: readonly string[]): number {
  const [, digits] = extensions.map((line) => /^SIZE (\d{1,15})$/.exec(line)).find(Boolean) ?? [];
  return digits === undefined ? 0 : Number(digits);
}

function recipientsOf({ recipients }: HostFacts): HostFinding[] {
  if (!('seen' in recipients)) return [];
  const { asked, unknown, foreign } = recipients.seen;
  return [
    ...(unknown[0] === undefined
      ? []
      : [
          finding('recipients-unknown', {
            unknown: String(unknown.length),
            asked: String(asked),
            example: unknown[0],
          }),
        ]),
    ...(foreign[0] === undefined
      ? []
      : [
          finding('recipients-foreign', {
            foreign: String(foreign.length),
            asked: String(asked),
            example: foreign[0],
          }),
        ]),
  ];
}

function queueOf({ queue, peer }: HostFacts): HostFinding[] {
  if (!('seen' in queue)) return [];
  const { waiting, oldestMs, reason } = queue.seen;
  const minutes = String(Math.round(oldestMs / 60_000));
  const values = { peer, waiting: String(waiting), minutes, reason };
  if (waiting === 0) return [];
  if (waiting >= pilesUpMany || oldestMs >= pilesUpMs) return [finding('queue-piles-up', values)];
  return waiting >= waitingMany || oldestMs >= waitsMs ? [finding('queue-waits', values)] : [];
}
