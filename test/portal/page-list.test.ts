/** No page is forgotten: what axe reads, and what is watched for jumps, has each address of the router. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pagesThatWait, visits } from './page-list.ts';

const router = readFileSync(new URL('../../ui/src/router.tsx', import.meta.url), 'utf8');
const routes = [...router.matchAll(/\bpath: '([^']+)'/g)].map(([, path = '']) => path);

/** `/` leads each person to their own first page, and shows nothing. */
const shownNowhere = ['/'];
/** These ask for nothing that could come late. */
const waitForNothing = ['/sign-in', '/help'];

function without(seen: readonly { readonly path: string }[], known: readonly string[]): string[] {
  const paths = seen.map(({ path }) => path.split('?')[0] ?? '');
  return routes.filter((route) => {
    const pattern = new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}$`);
    return !known.includes(route) && !paths.some((path) => pattern.test(path));
  });
}

test('every route is written in the way that is read here', () => {
  const made = router.match(/\bcreateRoute\(/g)?.length ?? 0;
  // `inside` is the frame of the others, and has no address.
  expect(routes).toHaveLength(made - 1);
});

test('axe reads every page of the router', () => {
  expect(without(visits, shownNowhere)).toEqual([]);
});

test('every page that waits for an answer is watched for jumps', () => {
  expect(without(pagesThatWait, [...shownNowhere, ...waitForNothing])).toEqual([]);
});
