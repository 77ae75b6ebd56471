/** `mailferry doctor` on a mail host: finds the edges that are there, and looks at what each of them has to do with. */
import { resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import type { DoctorRequest, LookedHost } from '../../commands/doctor.ts';
import type { ServerSide } from '../../domain/placement.ts';
import { checkConfiguration } from '../configuration/index.ts';
import type { Configuration } from '../configuration/schema.ts';
import { controlOverHttp } from './control-over-http.ts';
import type { DoctorPlace } from './doctor/place.ts';
import { readRunFile } from './doctor/run-file.ts';
import { readEdgeFile } from './edge-file.ts';
import { insideRun } from './edges-inside.ts';
import { lookAtHost } from './host-doctor.ts';

interface ByHand {
  readonly request: DoctorRequest;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws `usage` where there is no edge here. */
export async function doctorByHand(options: ByHand): Promise<LookedHost[]> {
  const { request, version, clock, signal } = options;
  const places = placesOf(options).filter(({ side }) => request.side === null || side === request.side);
  if (places.length === 0) {
    const where = request.directory ?? `${standardDirectory} or the configuration`;
    const which = request.side === null ? '' : ` of the ${request.side} side`;
    throw new MailferryError(
      'usage',
      `there is no edge${which} in ${where}: one that has run here once is known by its --directory`,
    );
  }
  const looked: LookedHost[] = [];
  for (const place of places) {
    const control = controlOf(place, version, clock);
    const report = await lookAtHost({ place, control, isEdge: false, clock, signal });
    looked.push({ side: place.side, directory: place.directory, report });
  }
  return looked;
}

const standardDirectory = '/var/lib/mailferry-edge';

function placesOf({ request, environment }: ByHand): DoctorPlace[] {
  if (request.directory !== null) {
    const found = readRunFile(resolve(request.directory));
    return found === null ? [] : [found];
  }
  const inside = (['old', 'new'] as const).flatMap((side) => insideOf(side, configurationOf()) ?? []);
  const own = readRunFile(standardDirectory);
  return own === null || inside.some(({ directory }) => directory === own.directory)
    ? inside
    : [...inside, own];

  /** On a mail host of its own there is none. */
  function configurationOf(): Pick<Configuration, ServerSide> | null {
    try {
      return checkConfiguration(environment, request.config, { files: false }).effective as Configuration;
    } catch (error) {
      if (request.config !== null || !isMissing(error)) throw error;
      return null;
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof MailferryError && error.code === 'configuration-missing';

function insideOf(
  side: ServerSide,
  configuration: Pick<Configuration, ServerSide> | null,
): DoctorPlace | null {
  return configuration === null ? null : insideRun(side, configuration[side]);
}

/** An edge within the daemon is not enrolled, and has no way of its own to it. */
function controlOf({ directory }: DoctorPlace, version: string, clock: Clock) {
  try {
    const { control, trust, token } = readEdgeFile(directory);
    return controlOverHttp({ url: control, trust }, token, version, clock);
  } catch {
    return null;
  }
}
