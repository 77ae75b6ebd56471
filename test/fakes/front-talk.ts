/** For tests of fronts: what they say, as lines, and what else they want, in angle brackets. */
import { bytesOfLatin1, latin1Of } from '../../src/base/bytes.ts';
import type { FrontEvent, Login } from '../../src/wire/front/front.ts';
import type { FrontCore } from '../../src/wire/front/front-core.ts';

function who(login: Login | null): string {
  if (login === null) return 'nobody';
  if (login.by === 'token') return `${login.mechanism} ${login.user} ${login.token.reveal()}`;
  const name = login.authzid === null ? login.user : `${login.authzid}*${login.user}`;
  return `${name} ${login.password.reveal()}`;
}

export const shown = (events: readonly FrontEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.kind === 'send') return latin1Of(event.bytes).split('\r\n').slice(0, -1);
    return event.kind === 'login' ? [`<login ${who(event.login)}>`] : [`<${event.kind}>`];
  });

export const base64 = (text: string): string => btoa(latin1Of(new TextEncoder().encode(text)));

export function talkTo<F extends FrontCore>(one: F) {
  return {
    one,
    says: (text: string) => shown(one.push(bytesOfLatin1(text))),
    refused: (why: Parameters<F['refused']>[0]) => shown(one.refused(why)),
    tlsStarted: () => shown(one.tlsStarted()),
  };
}

/** Random words of the protocol in random pieces: it must not break, nor say anything after its end. */
export function babble(
  makeFront: (round: number) => FrontCore,
  words: readonly string[],
  rounds: number,
): void {
  let seed = 11;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < rounds; round++) {
    const one = makeFront(round);
    let isOver = false;
    const heed = (events: readonly FrontEvent[]): void => {
      if (isOver && events.length > 0) throw new Error(`said after its end: ${shown(events).join(' ')}`);
      for (const [at, event] of events.entries()) {
        if (event.kind === 'end') isOver = true;
        if (event.kind !== 'send' && at !== events.length - 1) throw new Error('went on after it stopped');
        if (event.kind === 'start-tls') heed(one.tlsStarted());
        if (event.kind === 'login' && random(2) === 0) heed(one.refused('credentials'));
      }
    };
    for (let piece = 0; piece < 20; piece++) heed(one.push(bytesOfLatin1(words[random(words.length)] ?? '')));
  }
}
