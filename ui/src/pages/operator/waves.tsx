/** The waves of all teams. */
import { Page } from '../../parts/page.tsx';
import { useTeamWords } from '../../words/team.ts';
import { WaveList } from '../team/wave-list.tsx';
import { OperatorTabs } from './operator-tabs.tsx';

export function Waves() {
  const { waves } = useTeamWords();
  return (
    <Page wide title={waves.title} lead={waves.lead} aside={<OperatorTabs />}>
      <WaveList team={null} mayChange />
    </Page>
  );
}
