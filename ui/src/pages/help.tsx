/** The questions that people really ask. */
import { Page } from '../parts/page.tsx';
import { useWords } from '../words/language.tsx';

export function Help() {
  const { help } = useWords();
  return (
    <Page title={help.title} lead={help.lead}>
      <div className="card">
        {help.items.map(({ q, a }, index) => (
          <details key={q} open={index === 0}>
            <summary>{q}</summary>
            <p className="measure">{a}</p>
          </details>
        ))}
      </div>
      <p className="soft">{help.more}</p>
    </Page>
  );
}
