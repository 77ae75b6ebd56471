/**
 * Answers the pages with made-up data, so that they can be worked on and tested in every state without mail servers.
 * Who signs in decides what is seen: `copying@example.org` one account while it is copied, and so for each scene;
 * `team@example.org` a team of 5,000; `operator@example.org` (code 123456) all. The password `wrong` is refused.
 * No part of the product: nothing of it is built into ui/dist.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Roles, Session } from '../src/api/contract.ts';
import { operatorAnswers } from './operator-answers.ts';
import {
  countStates,
  crossingFixture,
  dashboardFixture,
  fleetFixture,
  loadFixture,
  type FixtureScene,
  scenes,
  sessionFixture,
  teamFixture,
} from './fixtures.ts';
import { ownerAnswer } from './owner-answers.ts';
import { provisioningAnswer } from './provisioning-answers.ts';

export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

const cookieName = 'mailferry-fixture';

function rolesOf(login: string): Roles {
  const name = login.split('@')[0] ?? '';
  const team = { id: '1', name: 'Berg & Söhne', rights: ['view', 'move', 'plan', 'people'] as const };
  if (name.startsWith('operator')) return { account: null, teams: [], operator: true };
  if (name.startsWith('team'))
    return { account: { id: '1', address: login }, teams: [team], operator: false };
  return { account: { id: '1', address: login }, teams: [], operator: false };
}

function sceneOf(login: string): FixtureScene {
  return scenes.find((scene) => login.startsWith(`${scene}@`)) ?? 'copying';
}

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: { type: 'about:blank', title: code, status, code, detail: code, action: '' },
});

/** Gives a function that answers requests below /api/v1 and says whether it did. */
export function fixtureApi(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const chosen = new Map<string, FixtureScene>();
  const listening = new Set<ServerResponse>();
  const budgets: Record<string, Record<string, number | null>> = {
    old: { connections: 8, messagesPerSecond: 200, bytesPerSecond: 20_000_000, bytesPerDay: null },
    new: { connections: 16, messagesPerSecond: null, bytesPerSecond: null, bytesPerDay: null },
  };
  const accounts = new Map<number, ReturnType<typeof teamFixture>>();
  const teamOf = (login: string): ReturnType<typeof teamFixture> => {
    const size = login.startsWith('team-empty')
      ? 0
      : /^team-(small|new)/.test(login)
        ? 12
        : login.startsWith('team-large')
          ? 12_000
          : 5_000;
    const list = accounts.get(size) ?? teamFixture(size);
    accounts.set(size, list);
    // Nobody has counted what was not started.
    const uncounted = { messagesTotal: 0, messagesDone: 0, bytes: 0 };
    if (login.startsWith('team-new'))
      return list.map((one) => (one.phase === 'old' ? { ...one, ...uncounted } : one));
    return list;
  };

  const answerTo = (
    method: string,
    url: URL,
    body: Record<string, unknown>,
    login: string | null,
    german: boolean,
  ): Answer => {
    const path = url.pathname.slice('/api/v1'.length);
    if (path === '/session' && method === 'POST') return signIn(body);
    if (login === null) return problem(401, 'session-missing');
    if (/^(operator-)?broken@/.test(login) && path !== '/session') return problem(500, 'defect');
    const needsTotp = login.startsWith('operator-bare@');
    const session: Session = { ...sessionFixture(login, rolesOf(login)), needsTotp };
    const scene = chosen.get(login) ?? sceneOf(login);
    const owners = ownerAnswer({ url, path, login, scene, german });
    if (owners !== null) return owners;
    const crossing = () => ({ status: 200, body: crossingFixture(scene, login) });
    if (path === '/session') {
      if (method === 'DELETE')
        return { status: 204, headers: { 'set-cookie': `${cookieName}=; Max-Age=0; Path=/` } };
      return { status: 200, body: session };
    }
    if (/^\/accounts\/[^/]+\/(crossing|plan|pause|resume|password)$/.test(path)) {
      const step = path.split('/')[3];
      if (step === 'password') {
        if (body['password'] === 'wrong') return problem(401, 'login-refused');
        chosen.set(login, 'in-step');
      }
      if (step === 'pause') chosen.set(login, 'paused');
      if (step === 'resume') chosen.set(login, 'copying');
      if (step === 'plan') {
        if (method === 'DELETE') chosen.set(login, 'before');
        else chosen.set(login, body['at'] === null ? 'copying' : 'planned');
      }
      const after = chosen.get(login);
      return after === undefined ? crossing() : { status: 200, body: crossingFixture(after, login) };
    }
    if (path.startsWith('/sessions/')) return { status: 204 };
    if (path.startsWith('/teams/')) return teamAnswer(url, method, body, teamOf(login));
    if (path.startsWith('/waves/')) return { status: 200, body: {} };
    if (path === '/waves')
      return { status: 200, body: { waves: /^(team|operator)-empty/.test(login) ? [] : waves } };
    const making = provisioningAnswer(url, method, body, login);
    if (making !== null) return making;
    const own = operatorAnswers(path, method, body, login, german);
    if (own !== null) return own;
    return operatorAnswer(path, method, body, url, budgets, scene);
  };

  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/api/v1/')) return false;
    const login = /mailferry-fixture=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (url.pathname === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      listening.add(response);
      response.on('close', () => listening.delete(response));
      return true;
    }
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const isJson = request.headers['content-type'] === 'application/json';
      const body = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : { text };
      const german = request.headers['accept-language']?.startsWith('de') === true;
      const answer = answerTo(
        request.method ?? 'GET',
        url,
        body,
        login === undefined ? null : decodeURIComponent(login),
        german,
      );
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      // As the product does: what one page changes, the others hear of.
      if (request.method !== 'GET')
        for (const one of listening) one.write('event: account.changed\ndata: {}\n\n');
    });
    return true;
  };
}

function signIn(body: Record<string, unknown>): Answer {
  const login = typeof body['login'] === 'string' ? body['login'] : '';
  if (body['password'] === 'wrong') return problem(401, 'login-refused');
  if (login.startsWith('unreachable@')) return problem(503, 'old-unreachable');
  if (login.startsWith('locked@')) return problem(429, 'too-many-attempts', { 'retry-after': '90' });
  if (login.startsWith('operator') && body['code'] !== '123456') return problem(401, 'code-required');
  return {
    status: 200,
    headers: {
      'set-cookie': `${cookieName}=${encodeURIComponent(login)}; Path=/; HttpOnly; SameSite=Strict`,
    },
    body: sessionFixture(login, rolesOf(login)),
  };
}

const wave = (id: string, name: string, at: string, accounts: number, more: object = {}) => ({
  id,
  team: '1',
  name,
  at,
  ratePerHour: 60,
  accounts,
  started: 0,
  failed: 0,
  kind: 'move',
  state: 'planned',
  stopOnFailurePercent: 10,
  ...more,
});

const waves = [
  wave('w1', 'Freitag, Vertrieb', '2026-11-27T21:00:00Z', 240, { started: 12, failed: 1, state: 'running' }),
  wave('w2', 'Freitag, Lager', '2026-11-27T22:00:00Z', 31, { ratePerHour: null }),
  wave('w3', 'Erste Probe', '2026-11-12T20:00:00Z', 8, { started: 8, state: 'finished' }),
  wave('w4', 'Alle anderen <i>', '2026-12-04T21:00:00Z', 4_721),
];

function teamAnswer(
  url: URL,
  method: string,
  body: Record<string, unknown>,
  accounts: ReturnType<typeof teamFixture>,
): Answer {
  const what = url.pathname.split('/')[5];
  if (what === 'accounts') {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = from + Number(url.searchParams.get('limit') ?? 200);
    const next = to < accounts.length ? String(to) : null;
    return { status: 200, body: { accounts: accounts.slice(from, to), total: accounts.length, next } };
  }
  if (what === 'accounts.csv')
    return { status: 200, body: 'address', headers: { 'content-type': 'text/csv' } };
  if (what === 'summary') {
    const sum = (of: (a: (typeof accounts)[number]) => number) => accounts.reduce((all, a) => all + of(a), 0);
    return {
      status: 200,
      body: {
        name: 'Berg & Söhne',
        accounts: accounts.length,
        states: countStates(accounts),
        messagesTotal: sum((a) => a.messagesTotal),
        messagesDone: sum((a) => a.messagesDone),
        bytesCopied: sum((a) => (a.messagesTotal === 0 ? 0 : (a.bytes * a.messagesDone) / a.messagesTotal)),
        refused: sum((a) => a.refused),
      },
    };
  }
  if (what === 'summary-mail')
    return { status: 200, body: { offered: true, on: method === 'PUT' && body['on'] === true } };
  if (what === 'people') {
    if (method === 'DELETE') return { status: 204 };
    return {
      status: 200,
      body: {
        people: [
          { login: 'team@example.org', rights: ['view', 'move', 'plan', 'people'] },
          { login: 'office@example.org', rights: ['view'] },
        ],
      },
    };
  }
  const selected = body['accounts'] === 'all' ? accounts.length : (body['accounts'] as unknown[]).length;
  const refused = Math.min(selected, 2);
  return {
    status: 200,
    body: {
      dryRun: body['dryRun'] === true,
      selected,
      changed: selected - refused,
      unchanged: refused,
      changedAccounts: [],
      unchangedAccounts: accounts
        .slice(0, refused)
        .map(({ address }) => ({ account: address, why: 'is in step' })),
      unknown: [],
    },
  };
}

function operatorAnswer(
  path: string,
  method: string,
  body: Record<string, unknown>,
  url: URL,
  budgets: Record<string, Record<string, number | null>>,
  scene: FixtureScene,
): Answer {
  if (path === '/dashboard')
    return {
      status: 200,
      body: dashboardFixture(scene === 'empty' || url.searchParams.has('none') ? 0 : 240),
    };
  if (path === '/dashboard/fleet')
    return { status: 200, body: fleetFixture(scene === 'empty' || url.searchParams.has('none')) };
  if (path === '/servers/load') return { status: 200, body: loadFixture(url.searchParams.has('none')) };
  const side = /^\/servers\/(old|new)\/budget$/.exec(path)?.[1];
  if (side !== undefined) {
    if (method === 'PATCH') Object.assign(budgets[side] ?? {}, body);
    return { status: 200, body: budgets[side] };
  }
  if (path === '/accounts')
    return {
      status: 200,
      body: {
        accounts: teamFixture(100).map((a) => ({
          id: a.id,
          address: a.address,
          team: 'Berg & Söhne',
          phase: a.phase,
          paused: a.state === 'paused' ? { by: 'operator', why: '' } : null,
          attention:
            a.attentionCode === null
              ? null
              : {
                  code: Number(a.id) % 5 === 0 ? 'deletions-stopped' : a.attentionCode,
                  reason: '',
                  action: '',
                  asks: true,
                },
          progress: { messagesTotal: a.messagesTotal, messagesDone: a.messagesDone },
        })),
        next: 'more',
      },
    };
  return problem(404, 'route-unknown');
}
