/** The pages of a team, as one part that is loaded when the first of them is opened. */
export { TeamPeople } from './team-people.tsx';
export { TeamReport } from './team-report.tsx';
export { TeamWaves } from './team-waves.tsx';
export { TeamTable } from './team-table.tsx';
