/** The waves of all teams: a calendar beside the list; on a phone the list by day alone. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { wavesQuestion } from '../../api/team-questions.ts';
import { atNoon, dayOf, monthOf } from '../../format/month.ts';
import { Page } from '../../parts/page.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { useTeamWords } from '../../words/team.ts';
import { WaveList } from '../team/wave-list.tsx';
import { OperatorTabs } from './operator-tabs.tsx';
import { WavesCalendar } from './waves-calendar.tsx';

export function Waves() {
  const { format } = useLanguage();
  const { waves: words } = useTeamWords();
  const { calendar } = useOperatorWords();
  const { month, day } = useSearch({ from: '/inside/harbour/waves' });
  const navigate = useNavigate({ from: '/harbour/waves' });
  const { data } = useQuery(wavesQuestion);
  const shown = month ?? day?.slice(0, 7) ?? monthOf(new Date());
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      <div className="waves">
        <WavesCalendar
          month={shown}
          day={day ?? null}
          waves={data?.waves ?? []}
          today={dayOf(new Date())}
          onMonth={(next) =>
            void navigate({ search: { month: next, day }, replace: true, resetScroll: false })
          }
          onDay={(next) =>
            void navigate({
              search: { month: shown, day: next === day ? undefined : next },
              resetScroll: false,
            })
          }
        />
        <div className="stack">
          {day !== undefined && (
            <div className="row between">
              <span>{format.date(atNoon(day).toISOString())}</span>
              <Link
                to="/harbour/waves"
                search={{ month, day: undefined }}
                resetScroll={false}
                className="button slim"
              >
                {calendar.all}
              </Link>
            </div>
          )}
          <WaveList team={null} mayChange byDay={{ only: day ?? null, none: calendar.none }} />
        </div>
      </div>
    </Page>
  );
}
