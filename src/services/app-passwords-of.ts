/** App passwords as the configuration wants them. */
import type { Clock } from '../base/clock.ts';
import { AppPasswordKeeper, type AppPasswordSettings } from '../app-passwords/index.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import type { Configuration, ServerConfiguration } from './configuration/schema.ts';

const dayMs = 24 * 3_600_000;

export function appPasswordsOf(options: {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly configuration: Pick<Configuration, 'old' | 'new'>;
  /** For the audit log. */
  readonly actor: string;
}): AppPasswordKeeper {
  const { configuration, ...rest } = options;
  const of = ({ app_passwords: set }: ServerConfiguration): AppPasswordSettings | null =>
    set.nets.length === 0 ? null : { nets: set.nets, lifeMs: set.days * dayMs };
  return new AppPasswordKeeper({
    ...rest,
    settings: { old: of(configuration.old), new: of(configuration.new) },
  });
}
