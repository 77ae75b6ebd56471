/** The door: address and password; the operator's code only when it is asked for. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ApiError, ask } from '../api/ask.ts';
import type { Session } from '../api/contract.ts';
import { sessionQuestion } from '../api/questions.ts';
import { PaperBoat } from '../crossing/crossing-picture.tsx';
import { wavePath } from '../crossing/geometry.ts';
import { Brand } from '../parts/brand.tsx';
import { Foot } from '../parts/foot.tsx';
import { Notice } from '../parts/notice.tsx';
import { errorText } from '../parts/trouble.tsx';
import { useLanguage } from '../words/language.tsx';

export function SignIn() {
  const { words, locale, choose } = useLanguage();
  const { next } = useSearch({ from: '/sign-in' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [shown, setShown] = useState(false);
  const id = useId();
  const codeField = useRef<HTMLInputElement>(null);
  const enter = useMutation({
    mutationFn: () =>
      ask<Session>('POST', '/session', {
        login: login.trim(),
        password,
        locale,
        ...(code === '' ? {} : { code: code.replaceAll(/\s/g, '') }),
      }),
    onSuccess: async (session) => {
      // A language that was chosen in another browser holds here too, unless this one has its own.
      if (session.person.locale !== null) choose(session.person.locale);
      client.clear();
      client.setQueryData(sessionQuestion.queryKey, session);
      await navigate({ href: next ?? '/', replace: true });
    },
  });
  const wantsCode = enter.error instanceof ApiError && enter.error.code === 'code-required';
  const askCode = wantsCode || code !== '';
  useEffect(() => {
    document.title = `${words.signIn.title} – ${words.app}`;
  }, [words]);
  useEffect(() => {
    if (wantsCode) codeField.current?.focus();
  }, [wantsCode]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (login.trim() !== '' && password !== '' && !enter.isPending) enter.mutate();
  };
  return (
    <div className="shell">
      <main id="content" className="page">
        <div className="sign-in">
          <span className="brand">
            <Brand />
            {words.app}
          </span>
          <Water />
          <form className="stack" onSubmit={submit} noValidate>
            <h1>{words.signIn.title}</h1>
            <p className="soft">{words.signIn.lead}</p>
            {enter.error !== null && (
              <Notice kind={wantsCode ? 'news' : 'trouble'} alert>
                <p>{errorText(words, enter.error)}</p>
              </Notice>
            )}
            <div className="field">
              <label htmlFor={`${id}-login`}>{words.signIn.login}</label>
              <input
                id={`${id}-login`}
                className="input"
                type="email"
                inputMode="email"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                required
                maxLength={320}
                value={login}
                onChange={(event) => setLogin(event.target.value)}
              />
            </div>
            <div className="field">
              <label htmlFor={`${id}-password`}>{words.signIn.password}</label>
              <input
                id={`${id}-password`}
                className="input"
                type={shown ? 'text' : 'password'}
                autoComplete="current-password"
                autoCapitalize="none"
                spellCheck={false}
                required
                maxLength={1_000}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            </div>
            <label className="check">
              <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
              <span>{words.signIn.show}</span>
            </label>
            {askCode && (
              <div className="field">
                <label htmlFor={`${id}-code`}>{words.signIn.code}</label>
                <input
                  id={`${id}-code`}
                  ref={codeField}
                  className="input"
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  maxLength={12}
                  aria-describedby={`${id}-code-hint`}
                  value={code}
                  onChange={(event) => setCode(event.target.value)}
                />
                <span id={`${id}-code-hint`} className="small soft">
                  {words.signIn.codeHint}
                </span>
              </div>
            )}
            <button type="submit" className="button primary" aria-disabled={enter.isPending}>
              {enter.isPending ? words.signIn.busy : words.signIn.submit}
            </button>
            <p className="small soft">{words.signIn.notKept}</p>
          </form>
        </div>
      </main>
      <Foot />
    </div>
  );
}

/** One boat on quiet water. */
function Water() {
  return (
    <div className="crossing" aria-hidden="true">
      <svg viewBox="0 0 420 110">
        <rect className="sea" y={56} width={420} height={54} />
        <path className="wave" d={wavePath(16, 180, 74, 3)} />
        <path className="wave" d={wavePath(230, 400, 92, 3)} />
        <g className="vessel" style={{ transform: 'translate(210px, 62px)' }}>
          <PaperBoat size={88} />
        </g>
      </svg>
    </div>
  );
}
