/** What surrounds every page of somebody who is signed in: brand, ways to go, sign out, language. */
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { ApiError, ask } from '../api/ask.ts';
import { sessionQuestion } from '../api/questions.ts';
import { useWords } from '../words/language.tsx';
import { Brand } from './brand.tsx';
import { Foot } from './foot.tsx';
import { SafeText } from './safe-text.tsx';
import { ErrorNotice } from './trouble.tsx';

export function Shell() {
  const words = useWords();
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = (): void => {
    client.clear();
    void navigate({ to: '/sign-in' });
  };
  // Whoever leaves a shared device must not believe that they are out: only an answer of the server says so.
  const signOut = useMutation({
    mutationFn: () => ask('DELETE', '/session'),
    // Without a line it fails at once, instead of waiting for one without a word.
    networkMode: 'always',
    onSuccess: leave,
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401) leave();
    },
  });
  if (session === null) return <Outlet />;
  const { roles } = session.person;
  const one = { className: 'nav-link' };
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header className="top no-print">
        <Link to="/" className="brand">
          <Brand />
          {words.app}
        </Link>
        <nav aria-label={words.nav.label}>
          <ul>
            {roles.account !== null && (
              <li>
                <Link to="/mailbox" {...one}>
                  {words.nav.mailbox}
                </Link>
              </li>
            )}
            {roles.teams.map(({ id, name }) => (
              <li key={id}>
                <Link
                  to="/teams/$team"
                  params={{ team: id }}
                  search={{}}
                  activeOptions={{ includeSearch: false }}
                  {...one}
                >
                  {roles.teams.length === 1 ? words.nav.team : <SafeText>{name}</SafeText>}
                </Link>
              </li>
            ))}
            {roles.operator && (
              <li>
                <Link to="/harbour" activeOptions={{ includeSearch: false }} {...one}>
                  {words.nav.operator}
                </Link>
              </li>
            )}
            <li>
              <Link to="/help" {...one}>
                {words.nav.help}
              </Link>
            </li>
          </ul>
        </nav>
        <span className="row">
          <SafeText className="small soft">{session.person.login}</SafeText>
          <button type="button" className="button quiet slim" onClick={() => signOut.mutate()}>
            {words.nav.signOut}
          </button>
        </span>
      </header>
      {signOut.error !== null && (
        <ErrorNotice title={words.nav.notOut} error={signOut.error} retry={() => signOut.mutate()} />
      )}
      <Outlet />
      <Foot>
        <Link to="/sessions">{words.nav.sessions}</Link>
      </Foot>
    </div>
  );
}
