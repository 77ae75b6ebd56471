/** A small form that makes one thing: its fields, what went wrong, and one button. What it makes is up to who uses it. */
import { type FormEvent, type ReactNode, useId } from 'react';
import { ApiError } from '../api/ask.ts';
import { Notice } from './notice.tsx';
import { ErrorNotice } from './trouble.tsx';

export interface AddFormProps {
  readonly title: string;
  readonly submit: string;
  readonly busy: boolean;
  readonly error: Error | null;
  /** The error that says that there is one already, and the words for it. */
  readonly exists?: { readonly code: string; readonly words: string };
  readonly card?: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

export function AddForm(props: AddFormProps) {
  const { title, submit, busy, error, exists, card = true, onSubmit, children } = props;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={card ? 'card stack' : 'stack'} onSubmit={send} noValidate>
      <h3>{title}</h3>
      {children}
      {exists !== undefined && isCode(error, exists.code) ? (
        <Notice kind="trouble" alert>
          <p>{exists.words}</p>
        </Notice>
      ) : (
        error !== null && <ErrorNotice error={error} />
      )}
      <div>
        <button type="submit" className="button" aria-disabled={busy}>
          {submit}
        </button>
      </div>
    </form>
  );
}

/** Whether the API refused it with this code. */
export function isCode(error: Error | null, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly maxLength: number;
  readonly invalid?: boolean;
  /** Below it; `soft` where it only helps. */
  readonly hint?: { readonly text: string; readonly soft: boolean } | undefined;
  readonly short?: boolean;
  /** A name of the machine's kind: neither corrected nor capitalised. */
  readonly literal?: boolean;
  readonly onChange: (value: string) => void;
}

export function TextField(props: TextFieldProps) {
  const { label, value, maxLength, invalid = false, hint, short = false, literal = true, onChange } = props;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={short ? 'input short' : 'input'}
        maxLength={maxLength}
        autoComplete="off"
        autoCapitalize={literal ? 'none' : undefined}
        spellCheck={literal ? false : undefined}
        value={value}
        aria-invalid={invalid}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className={hint.soft ? 'small soft' : 'small'}>
          {hint.text}
        </span>
      )}
    </div>
  );
}
