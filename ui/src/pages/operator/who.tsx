/** Who did something, as the audit log names them. */
import { SafeText } from '../../parts/safe-text.tsx';
import { useOperatorWords } from '../../words/operator.ts';

/** `operator:anna` is Anna, an operator. */
export function Who({ actor }: { readonly actor: string }) {
  const { audit: words } = useOperatorWords();
  const at = actor.indexOf(':');
  const kind = words.actors[at < 0 ? actor : actor.slice(0, at)];
  const name = at < 0 ? '' : actor.slice(at + 1);
  if (kind === undefined) return <SafeText>{actor}</SafeText>;
  if (name === '') return <>{kind}</>;
  return (
    <>
      <SafeText>{name}</SafeText> <span className="small soft nowrap">{kind}</span>
    </>
  );
}
