/** For tests of backs: what they say to a server, as lines, and what comes of it, in angle brackets. */
import { bytesOfLatin1, latin1Of } from '../../src/base/bytes.ts';
import type { BackEvent } from '../../src/wire/back/back.ts';

export type Said = readonly string[];

interface Back {
  push(bytes: Uint8Array): BackEvent[];
  tlsStarted(): BackEvent[];
}

const shown = (events: readonly BackEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.kind === 'send') return new TextDecoder().decode(event.bytes).split('\r\n').slice(0, -1);
    if (event.kind === 'start-tls') return ['<start-tls>'];
    const { outcome } = event;
    if (outcome.kind === 'accepted')
      return [`<accepted ${outcome.capabilities.join(' ')} | ${latin1Of(outcome.rest)}>`];
    return [outcome.kind === 'refused' ? '<refused>' : `<unavailable ${outcome.why}>`];
  });

/** The same, whatever pieces the server's octets come in. */
export function listenTo(back: Back) {
  return {
    hears: (text: string): Said => shown(back.push(bytesOfLatin1(text))),
    tlsStarted: (): Said => shown(back.tlsStarted()),
  };
}
