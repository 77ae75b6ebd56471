/** The whole provider at one look: the fleet, what goes on, what is in trouble. */
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Dashboard, SyncStatus } from '../../api/contract.ts';
import { dashboardQuestion, fleetQuestion, statusQuestion } from '../../api/operator-questions.ts';
import { useLive } from '../../api/use-live.ts';
import { CrossingPicture } from '../../crossing/crossing-picture.tsx';
import { shareAcross } from '../../crossing/geometry.ts';
import { Age } from '../../parts/age.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { Curve, type Series } from './curve.tsx';
import { OperatorTabs } from './operator-tabs.tsx';
import { phases, type Span, spans } from './search.ts';
import { LoadOfServers } from './server-load.tsx';
import { sawSetup } from './setup/first-visit.ts';

const hours: Readonly<Record<Span, number>> = { hour: 1, day: 24, week: 168, month: 720 };
/** Numbers of a whole provider: oftener is unrest. */
const leastMs = 4_000;

export function Harbour() {
  const words = useOperatorWords();
  const status = useQuery(statusQuestion);
  const connected = useLive('', [statusQuestion.queryKey, fleetQuestion.queryKey], leastMs);
  const { data, error } = status;
  const lost = error !== null || !connected;
  if (data?.accounts === 0 && !sawSetup()) return <Navigate to="/harbour/setup" search={{}} replace />;
  return (
    <Page wide title={words.harbour.title} aside={<OperatorTabs />}>
      {data !== undefined && <Age since={status.dataUpdatedAt} lost={lost} />}
      {data === undefined && error !== null && (
        <ErrorNotice error={error} retry={() => void status.refetch()} />
      )}
      {data === undefined && error === null && <Skeleton heights={[480, 214, 330]} />}
      {data !== undefined && <Now status={data} />}
      {data !== undefined && <Trouble counts={data.troubleClasses} />}
      {data !== undefined && data.accounts > 0 && <LoadOfServers lost={lost} />}
      <Curves lost={lost} />
    </Page>
  );
}

function Now({ status }: { readonly status: SyncStatus }) {
  const { words, format } = useLanguage();
  const { harbour, phases: names } = useOperatorWords();
  const {
    accounts,
    uncounted,
    messagesDone,
    messagesTotal,
    paused,
    lagMeanMs,
    lagMaxMs,
    messagesRefused,
    bytesCopied,
  } = status;
  const of = (name: string): number => status.phases[name] ?? 0;
  const across = of('in-step') + of('switching') + of('switched') + of('done');
  const share = format.percent(shareAcross(messagesDone, messagesTotal));
  const { data: fleet } = useQuery(fleetQuestion);
  // One vessel for each team; one that nobody has counted yet waits at the quay.
  const loads = (fleet?.teams ?? []).map((team) => ({
    name: team.id ?? '',
    bytes: team.messagesTotal,
    messages: Math.max(team.messagesTotal, team.accounts),
    done: team.messagesDone,
  }));
  return (
    <section className="card stack team-picture harbour-now">
      <CrossingPicture
        loads={loads}
        done={messagesDone}
        // The water is not filled to the other shore while nobody knows how wide it is.
        total={uncounted === 0 ? messagesTotal : Math.max(messagesTotal, messagesDone + 1)}
        phase="copying"
        where="old"
        label={harbour.picture(format.count(messagesDone), format.count(messagesTotal))}
        caption={
          <div className="shores">
            <strong>{words.mailbox.oldShore}</strong>
            <span>
              {uncounted === 0
                ? words.mailbox.across(share)
                : messagesTotal === 0
                  ? harbour.uncounted(uncounted)
                  : `${harbour.counted(share)}, ${harbour.uncounted(uncounted)}`}
            </span>
            <strong>{words.mailbox.newShore}</strong>
          </div>
        }
      />
      {accounts === 0 ? (
        <>
          <p className="headline">{harbour.none}</p>
          <p>
            <Link to="/harbour/setup" search={{}} className="button primary">
              {harbour.setUp}
            </Link>
          </p>
        </>
      ) : (
        <p className="headline">{harbour.headline(across, accounts)}</p>
      )}
      <dl className="facts">
        {phases
          .filter((name) => of(name) > 0)
          .map((name) => (
            <div key={name}>
              <dt>{names[name]}</dt>
              <dd>
                <Link to="/harbour/accounts" search={{ phase: name }}>
                  {format.count(of(name))}
                </Link>
              </dd>
            </div>
          ))}
        <div>
          <dt>{harbour.paused}</dt>
          <dd>{format.count(paused)}</dd>
        </div>
        <div>
          <dt>{harbour.lag}</dt>
          <dd>
            {lagMeanMs === null
              ? '–'
              : `${format.seconds(lagMeanMs)} / ${format.seconds(lagMaxMs ?? lagMeanMs)}`}
          </dd>
        </div>
        <div>
          <dt>{harbour.copied}</dt>
          <dd>{format.bytes(bytesCopied)}</dd>
        </div>
        <div>
          <dt>{harbour.refused}</dt>
          <dd>
            {messagesRefused === 0 ? (
              format.count(0)
            ) : (
              <Link to="/harbour/refused">{format.count(messagesRefused)}</Link>
            )}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Trouble({ counts }: { readonly counts: Readonly<Record<string, number>> }) {
  const { harbour } = useOperatorWords();
  const kinds = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return (
    <section className="card stack">
      <h2>{harbour.trouble}</h2>
      {kinds.length === 0 ? (
        <p className="soft">{harbour.noTrouble}</p>
      ) : (
        <ul className="subjects">
          {kinds.map(([kind, n]) => (
            <li key={kind} className="row between">
              <span>{harbour.kinds[kind] ?? kind}</span>
              <Link to="/harbour/accounts" search={{ kind }}>
                {harbour.show(n)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** `lost`: the page says already that nothing new comes. */
function Curves({ lost }: { readonly lost: boolean }) {
  const { harbour } = useOperatorWords();
  const { span = 'day' } = useSearch({ from: '/inside/harbour' });
  // By the minute: a new question each second would never be answered from what is known.
  const from = new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours[span] * 3_600_000).toISOString();
  const { data, error, refetch } = useQuery(dashboardQuestion(from));
  return (
    <>
      <div className="row" role="group" aria-label={harbour.span}>
        {spans.map((name) => (
          <Link
            key={name}
            from="/harbour"
            to="/harbour"
            search={{ span: name }}
            resetScroll={false}
            className="chip"
            aria-current={name === span}
          >
            {harbour.spans[name]}
          </Link>
        ))}
      </div>
      {error !== null && !(lost && data !== undefined) && (
        <ErrorNotice error={error} retry={() => void refetch()} />
      )}
      {data === undefined && error === null && <Skeleton heights={[240, 240]} />}
      {data?.points.length === 0 && <p className="empty">{harbour.noCurves}</p>}
      {data !== undefined && data.points.length > 0 && <Drawn points={data.points} />}
    </>
  );
}

const phaseColours: Readonly<Record<string, string>> = {
  old: '--shore-edge',
  copying: '--under-way',
  'in-step': '--wave',
  switching: '--needs-you',
  switched: '--across',
  'rolling-back': '--needs-you',
  done: '--across',
};

function Drawn({ points }: { readonly points: Dashboard['points'] }) {
  const { format } = useLanguage();
  const { harbour, phases: names, servers } = useOperatorWords();
  const { times, byPhase, throughput, bytes, lag, refused, connections, latency } = useMemo(() => {
    const one = (name: string, colour: string, values: (number | null)[]) => [{ name, colour, values }];
    const ofBoth = (what: 'connections' | 'latencyMs') => [
      {
        name: servers.side.old,
        colour: '--waiting',
        values: points.map((p) => p.servers.old?.[what] ?? null),
      },
      {
        name: servers.side.new,
        colour: '--across',
        values: points.map((p) => p.servers.new?.[what] ?? null),
      },
    ];
    return {
      times: points.map(({ at }) => Date.parse(at) / 1_000),
      byPhase: phases
        .filter((name) => points.some((point) => (point.phases[name] ?? 0) > 0))
        .toReversed()
        .map((name) => ({
          name: names[name] ?? name,
          colour: phaseColours[name] ?? '--wave',
          values: points.map((point) => point.phases[name] ?? 0),
        })),
      throughput: one(
        harbour.curves.throughput,
        '--accent',
        points.map((p) => p.messagesPerSecond),
      ),
      bytes: one(
        harbour.curves.bytes,
        '--accent',
        points.map((p) => p.bytesPerSecond / 1_000_000),
      ),
      lag: one(
        harbour.curves.lag,
        '--under-way',
        points.map((p) => (p.lagMs === null ? null : p.lagMs / 1_000)),
      ),
      refused: one(
        harbour.curves.refused,
        '--needs-you',
        points.map((p) => p.refused),
      ),
      connections: ofBoth('connections'),
      latency: ofBoth('latencyMs'),
    };
  }, [points, harbour, names, servers]);
  const last = points.at(-1);
  const said = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : harbour.last(format.perSecond(value));
  const saidOfBoth = (series: readonly Series[]): string =>
    series
      .flatMap(({ name, values }) => {
        const value = values.at(-1);
        return value === null || value === undefined ? [] : [`${name} ${format.count(value)}`];
      })
      .join(', ');
  return (
    <div className="columns broad">
      <Curve
        title={harbour.curves.phases}
        last={
          last === undefined
            ? ''
            : byPhase.map((s) => `${s.name} ${format.count(s.values.at(-1) ?? 0)}`).join(', ')
        }
        times={times}
        series={byPhase}
        stacked
      />
      <Curve
        title={harbour.curves.throughput}
        last={said(last?.messagesPerSecond)}
        times={times}
        series={throughput}
      />
      <Curve
        title={harbour.curves.bytes}
        last={said(last === undefined ? null : last.bytesPerSecond / 1_000_000)}
        times={times}
        series={bytes}
      />
      <Curve
        title={harbour.curves.lag}
        last={said(last?.lagMs == null ? null : last.lagMs / 1_000)}
        times={times}
        series={lag}
      />
      <Curve
        title={harbour.curves.connections}
        last={saidOfBoth(connections)}
        times={times}
        series={connections}
      />
      <Curve title={harbour.curves.latency} last={saidOfBoth(latency)} times={times} series={latency} />
      <Curve
        title={harbour.curves.refused}
        last={last === undefined ? '' : harbour.last(format.count(last.refused))}
        more={(last?.refused ?? 0) > 0 ? <Link to="/harbour/refused">{harbour.refusedList}</Link> : undefined}
        times={times}
        series={refused}
      />
    </div>
  );
}
