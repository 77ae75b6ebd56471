/** The crossing as numbers. */
import type { Crossing } from '../../api/contract.ts';
import { useLanguage } from '../../words/language.tsx';

export function Numbers({ crossing }: { readonly crossing: Crossing }) {
  const { words, format } = useLanguage();
  const { numbers } = words.mailbox;
  const { old, done, rate, secondsLeft, startedAt, inStepSince } = crossing;
  const of = (part: string, whole: string | null): string =>
    whole === null ? part : numbers.of(part, whole);
  const facts: (readonly [string, string])[] = [
    [numbers.messages, of(format.count(done.messages), old && format.count(old.messages))],
    [numbers.data, of(format.bytes(done.bytes), old?.bytes == null ? null : format.bytes(old.bytes))],
  ];
  if (rate !== null && rate.messagesPerSecond > 0 && inStepSince === null)
    facts.push([
      numbers.rate,
      numbers.rateValue(format.perSecond(rate.messagesPerSecond), format.bytes(rate.bytesPerSecond)),
    ]);
  if (secondsLeft !== null && inStepSince === null) facts.push([numbers.left, format.duration(secondsLeft)]);
  if (inStepSince !== null) facts.push([numbers.since, format.moment(inStepSince)]);
  else if (startedAt !== null) facts.push([numbers.started, format.moment(startedAt)]);
  return (
    <section className="card stack" aria-label={numbers.title}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
