/** What a person should know: before, and while both servers are in use. */
import { Link } from '@tanstack/react-router';
import type { Crossing } from '../../api/contract.ts';
import { Change, Info, Tick } from '../../parts/icons.tsx';
import { useWords } from '../../words/language.tsx';

interface SignIn {
  readonly signsInWith: Crossing['signsInWith'];
}

/** What the sync signs in with, in one sentence. */
function SignsIn({ signsInWith }: SignIn) {
  const { signsIn } = useWords().mailbox;
  if (signsInWith === null) return null;
  return (
    <li>
      <span className="mark under-way">
        <Info />
      </span>
      <span className="measure">{signsIn[signsInWith]}</span>
    </li>
  );
}

export function WhatStays({ signsInWith }: SignIn) {
  const { stays } = useWords().mailbox;
  return (
    <section className="card stack">
      <h2>{stays.title}</h2>
      <ul className="points">
        {[stays.address, stays.folders, stays.old].map((text) => (
          <li key={text}>
            <Tick />
            <span>
              <span className="hidden-text">{stays.staysLabel}: </span>
              {text}
            </span>
          </li>
        ))}
        <li>
          <Change />
          <span>
            <span className="hidden-text">{stays.changesLabel}: </span>
            {stays.sent}
          </span>
        </li>
        <SignsIn signsInWith={signsInWith} />
      </ul>
    </section>
  );
}

export function WhileBoth({ signsInWith }: SignIn) {
  const { both } = useWords().mailbox;
  return (
    <section className="card stack">
      <h2>{both.title}</h2>
      <ul className="points">
        {[both.sent, both.program, both.follow, both.yours].map((text) => (
          <li key={text}>
            <span className="mark under-way">
              <Info />
            </span>
            <span className="measure">{text}</span>
          </li>
        ))}
        <SignsIn signsInWith={signsInWith} />
      </ul>
    </section>
  );
}

/** The way to the new server's settings; only where the operator offers them. */
export function ProgramsCard() {
  const { programs } = useWords().mailbox;
  return (
    <section className="card stack">
      <h2>{programs.title}</h2>
      <p className="measure">{programs.card}</p>
      <div>
        <Link to="/mailbox/programs" className="button">
          {programs.link}
        </Link>
      </div>
    </section>
  );
}
