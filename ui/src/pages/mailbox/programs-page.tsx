/** The new server's settings: to read, to copy, for another device, and as a profile for Apple's. */
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { MailPrograms } from '../../api/contract.ts';
import { mailProgramsQuestion, sessionQuestion } from '../../api/questions.ts';
import '../../look/programs.css';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useWords } from '../../words/language.tsx';
import { NotFound } from '../not-found.tsx';
import { QrCode } from '../../parts/qr-code.tsx';
import { ServerSettings } from './server-settings.tsx';

const pagePath = '/mailbox/programs';

export function MailProgramsPage() {
  const words = useWords();
  const { programs } = words.mailbox;
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const id = session?.person.roles.account?.id ?? null;
  const { data, error, refetch } = useQuery({ ...mailProgramsQuestion(id ?? ''), enabled: id !== null });
  if (id === null) return <NotFound />;
  const settings = data?.settings ?? null;
  return (
    <Page
      title={programs.title}
      lead={data !== undefined && settings === null ? undefined : programs.lead}
      aside={<Link to="/mailbox">{words.mailbox.title}</Link>}
    >
      {error !== null && data === undefined && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[110, 360, 330]} />}
      {data !== undefined && settings === null && <p className="empty">{programs.none}</p>}
      {settings !== null && <Settings id={id} settings={settings} />}
    </Page>
  );
}

function Settings({
  id,
  settings,
}: {
  readonly id: string;
  readonly settings: NonNullable<MailPrograms['settings']>;
}) {
  const { programs } = useWords().mailbox;
  const { imap, submission, pop3, both, page } = settings;
  const address = page ?? `${location.origin}${pagePath}`;
  return (
    <>
      {both && (
        <Notice title={programs.bothTitle}>
          {programs.both.map((text) => (
            <p key={text} className="measure">
              {text}
            </p>
          ))}
        </Notice>
      )}
      <div className="columns">
        <ServerSettings title={programs.imap} server={imap} />
        <ServerSettings title={programs.submission} server={submission} />
        {pop3 !== null && <ServerSettings title={programs.pop3} text={programs.pop3Text} server={pop3} />}
      </div>
      <div className="columns">
        <section className="card stack">
          <h2>{programs.apple}</h2>
          <p className="measure">{programs.appleText}</p>
          <div>
            <a
              className="button primary"
              href={`/api/v1/accounts/${encodeURIComponent(id)}/mail-programs/profile`}
              download="mail.mobileconfig"
            >
              {programs.appleGet}
            </a>
          </div>
        </section>
        <section className="card stack">
          <h2>{programs.other}</h2>
          <p className="measure">{programs.otherText}</p>
          <QrCode text={address} label={programs.qr(address)} />
          <p className="small soft">{address}</p>
        </section>
      </div>
    </>
  );
}
