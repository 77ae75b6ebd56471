/** "Mail me a summary": for who looks after the team, and only where mails are sent at all. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { SummaryMail } from '../../api/contract.ts';
import { summaryMailQuestion } from '../../api/team-questions.ts';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useTeamWords } from '../../words/team.ts';

export function SummarySwitch({ team }: { readonly team: string }) {
  const { summary } = useTeamWords();
  const question = summaryMailQuestion(team);
  const { data } = useQuery(question);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (on: boolean) =>
      ask<SummaryMail>('PUT', `/teams/${encodeURIComponent(team)}/summary-mail`, { on }),
    onSuccess: (answer) => client.setQueryData(question.queryKey, answer),
  });
  if (data?.offered !== true) return null;
  return (
    <section className="card stack tight no-print">
      <label className="check">
        <input
          type="checkbox"
          checked={change.isPending ? change.variables : data.on}
          disabled={change.isPending}
          onChange={(event) => change.mutate(event.target.checked)}
        />
        <span>
          <strong>{summary.label}</strong>
          <br />
          <span className="small soft">{summary.text}</span>
        </span>
      </label>
      {change.error !== null && <ErrorNotice error={change.error} />}
      <span className="hidden-text" role="status">
        {change.isSuccess ? (data.on ? summary.on : summary.off) : ''}
      </span>
    </section>
  );
}
