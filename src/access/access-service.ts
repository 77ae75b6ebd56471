/** What people's programs speak, and the front that the access proxy shows them. */
import { ImapFront } from '../wire/front/imap-front.ts';
import type { FrontOptions } from '../wire/front/front.ts';
import type { FrontCore } from '../wire/front/front-core.ts';
import { Pop3Front } from '../wire/front/pop3-front.ts';
import { SieveFront } from '../wire/front/sieve-front.ts';
import { SubmissionFront } from '../wire/front/submission-front.ts';

export const accessServices = ['imap', 'pop3', 'submission', 'sieve'] as const;
export type AccessService = (typeof accessServices)[number];

export interface Front {
  readonly core: FrontCore;
  readonly greeting: Uint8Array;
  /** What to tell the client, and what it has sent behind its login. */
  accepted(capabilities: readonly string[]): { readonly answer: Uint8Array; readonly rest: Uint8Array };
  /** Of submission. */
  helo(): string | null;
}

/** `name`: this host's. */
export function frontOf(service: AccessService, options: FrontOptions, name: string): Front {
  const nobody = () => null;
  switch (service) {
    case 'imap': {
      const core = new ImapFront(options);
      return { core, greeting: core.greeting(), accepted: (names) => core.accepted(names), helo: nobody };
    }
    case 'pop3': {
      const core = new Pop3Front(options);
      return { core, greeting: core.greeting(), accepted: () => core.accepted(), helo: nobody };
    }
    case 'submission': {
      const core = new SubmissionFront({ ...options, name });
      return { core, greeting: core.greeting(), accepted: () => core.accepted(), helo: () => core.helo };
    }
    default: {
      const core = new SieveFront(options);
      return { core, greeting: core.greeting(), accepted: () => core.accepted(), helo: nobody };
    }
  }
}
