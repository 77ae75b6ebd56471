/** The edges on the mail hosts: how far each is, what the doctor found there, and a code for another one, shown once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Edge, MadeEdge } from '../../api/operator-contract.ts';
import { edgesQuestion } from '../../api/settings-questions.ts';
import { useLive } from '../../api/use-live.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { StateIcon } from '../../parts/icons.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { HostReportView } from './host-report.tsx';
import { NewEdge } from './new-edge.tsx';
import { ShownOnce } from './settings/shown-once.tsx';

export interface NamedEdge extends MadeEdge {
  readonly name: string;
}

/** An edge says something when what is in force there changes, or what is wrong. */
const leastMs = 2_000;

export function Edges() {
  const { format } = useLanguage();
  const { edges: words, settings } = useOperatorWords();
  const { data, error, refetch } = useQuery(edgesQuestion);
  useLive('', [edgesQuestion.queryKey], leastMs);
  const client = useQueryClient();
  const [made, setMade] = useState<NamedEdge | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/edges/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: edgesQuestion.queryKey }),
  });
  return (
    <>
      {made !== null && (
        <ShownOnce title={words.made(made.name)} onDone={() => setMade(null)}>
          <CopyText label={words.made(made.name)} text={made.code} words={settings.once} />
          <p className="small">{words.enrol(format.moment(made.codeUntil))}</p>
          <pre className="sample small">
            mailferry edge enrol --control {location.origin} --code-file code.txt
          </pre>
        </ShownOnce>
      )}
      <section className="card stack" aria-labelledby="edges-title">
        <h2 id="edges-title">{words.title}</h2>
        <p className="measure soft">{words.lead}</p>
        {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
        {remove.error !== null && <ErrorNotice error={remove.error} />}
        {data === undefined && error === null && <Skeleton heights={[64, 64]} />}
        {data?.edges.length === 0 && <p className="empty">{words.none}</p>}
        {data !== undefined && data.edges.length > 0 && (
          <ul className="subjects">
            {data.edges.map((edge) => (
              <Item
                key={edge.id}
                edge={edge}
                latest={data.epoch}
                busy={remove.isPending}
                onRemove={() => remove.mutate(edge.id)}
              />
            ))}
          </ul>
        )}
        {data !== undefined && <NewEdge onMade={setMade} />}
      </section>
    </>
  );
}

interface ItemProps {
  readonly edge: Edge;
  readonly latest: number;
  readonly busy: boolean;
  readonly onRemove: () => void;
}

function Item({ edge, latest, busy, onRemove }: ItemProps) {
  const { format } = useLanguage();
  const { edges: words, servers, settings } = useOperatorWords();
  const { side, name, enrolledAt, codeUntil, epoch, seenAt, version, findings, doctor } = edge;
  const waits = codeUntil !== null && Date.parse(codeUntil) > Date.now();
  const facts = [words.enrolled(epoch, latest), words.seen(seenAt === null ? null : format.moment(seenAt))];
  return (
    <li className="stack tight">
      <div className="row between">
        <strong>
          <SafeText>{name}</SafeText>
        </strong>
        <AskFirst
          label={words.remove}
          about={name}
          question={words.removeAsk(name)}
          keep={settings.keep}
          busy={busy}
          onYes={onRemove}
        />
      </div>
      <p className="small">
        {enrolledAt !== null
          ? facts.join(', ')
          : waits
            ? words.waits(format.moment(codeUntil))
            : words.ranOut}
      </p>
      <p className="small soft">
        {servers.side[side]}
        {version !== null && `, ${words.version(version)}`}
      </p>
      {findings.length > 0 && (
        <ul className="stack tight small findings" aria-label={words.findings}>
          {findings.map(({ part, text }) => (
            <li key={`${part} ${text}`} className="mark needs-you">
              <StateIcon state="needs-you" />
              <span>
                {part}: <SafeText>{text}</SafeText>
              </span>
            </li>
          ))}
        </ul>
      )}
      {doctor !== null && <HostReportView name={name} report={doctor} />}
      {doctor === null && enrolledAt !== null && <p className="small soft">{words.doctor.waits}</p>}
    </li>
  );
}
