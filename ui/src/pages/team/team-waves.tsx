/** The waves of one team. */
import { useParams } from '@tanstack/react-router';
import { Page } from '../../parts/page.tsx';
import { useTeamWords } from '../../words/team.ts';
import { TeamTabs } from './team-tabs.tsx';
import { useRights } from './use-rights.ts';
import { WaveList } from './wave-list.tsx';

export function TeamWaves() {
  const { waves } = useTeamWords();
  const { team } = useParams({ from: '/inside/teams/$team/waves' });
  return (
    <Page title={waves.title} lead={waves.lead} aside={<TeamTabs team={team} />}>
      <WaveList team={team} mayChange={useRights(team).has('plan')} />
    </Page>
  );
}
