/** What the workers ask of both servers right now, against what they may. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ServerLoad } from '../../api/contract.ts';
import { loadQuestion } from '../../api/operator-questions.ts';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';

/** `lost`: the page says already that nothing new comes. */
export function LoadOfServers({ lost }: { readonly lost: boolean }) {
  const { harbour } = useOperatorWords();
  const { data, error, refetch } = useQuery(loadQuestion);
  return (
    <section className="card stack load" aria-labelledby="load-title">
      <div className="row between">
        <h2 id="load-title">{harbour.load.title}</h2>
        <Link to="/harbour/servers" className="small">
          {harbour.load.change}
        </Link>
      </div>
      {error !== null && !(lost && data !== undefined) && (
        <ErrorNotice error={error} retry={() => void refetch()} />
      )}
      {data === undefined && error === null && (
        <div className="columns">
          <Skeleton heights={[220]} />
          <Skeleton heights={[220]} />
        </div>
      )}
      {data !== undefined && (
        <div className="columns">
          <Side side="old" load={data.old} />
          <Side side="new" load={data.new} />
        </div>
      )}
    </section>
  );
}

function Side({ side, load }: { readonly side: 'old' | 'new'; readonly load: ServerLoad | null }) {
  const { format } = useLanguage();
  const { harbour, servers } = useOperatorWords();
  const { load: words } = harbour;
  return (
    <div className="stack tight">
      <h3>{servers.side[side]}</h3>
      {load === null ? (
        <p className="soft">{words.none}</p>
      ) : (
        <dl className="facts">
          <div>
            <dt>{words.connections}</dt>
            <dd>{words.of(format.count(load.connections), format.count(load.allowed))}</dd>
            {load.waiting > 0 && <dd className="small">{words.waiting(load.waiting)}</dd>}
          </div>
          <div>
            <dt>{words.messages}</dt>
            <dd>{format.perSecond(load.messagesPerSecond)}</dd>
          </div>
          <div>
            <dt>{words.bytes}</dt>
            <dd>{format.perSecond(load.bytesPerSecond / 1_000_000)}</dd>
          </div>
          <div>
            <dt>{words.today}</dt>
            <dd>{format.bytes(load.bytesToday)}</dd>
          </div>
          <div>
            <dt>{words.latency}</dt>
            <dd>{load.latencyMs === null ? '–' : words.ms(format.count(load.latencyMs))}</dd>
            {isBraked(load) && (
              <dd className="small">{words.braked(format.count(load.latencyBrakeMs ?? 0))}</dd>
            )}
          </div>
        </dl>
      )}
    </div>
  );
}

function isBraked({ latencyMs, latencyBrakeMs }: ServerLoad): boolean {
  return latencyMs !== null && latencyBrakeMs !== null && latencyMs > latencyBrakeMs;
}
