/** Where owners type the password of their mailbox for one purpose; it is kept nowhere in the browser. */
import { useLanguage } from '../../words/language.tsx';

interface PasswordFieldProps {
  /** Of the form; ids begin with it. */
  readonly name: string;
  readonly value: string;
  /** It was left out. */
  readonly missing: boolean;
  readonly onChange: (password: string) => void;
}

export function PasswordField({ name, value, missing, onChange }: PasswordFieldProps) {
  const { choose } = useLanguage().words.mailbox;
  return (
    <div className="field">
      <label htmlFor={`${name}-password`}>{choose.password}</label>
      <input
        id={`${name}-password`}
        className="input"
        type="password"
        autoComplete="current-password"
        maxLength={1_000}
        value={value}
        aria-invalid={missing}
        aria-describedby={missing ? `${name}-missing` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {missing && (
        <span id={`${name}-missing`} role="alert" className="mark needs-you">
          {choose.passwordMissing}
        </span>
      )}
    </div>
  );
}
