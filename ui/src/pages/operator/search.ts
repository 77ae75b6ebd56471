/** What of the operator's pages is in their addresses. Undefined, not left out: the router keeps what is left out. */
export const spans = ['hour', 'day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

export interface HarbourSearch {
  readonly span?: Span | undefined;
}

export function harbourSearch(search: Record<string, unknown>): HarbourSearch {
  return { span: spans.find((name) => name === search['span']) };
}

export const phases = ['old', 'copying', 'in-step', 'switching', 'switched', 'rolling-back', 'done'] as const;

/** As the API tells kinds of trouble apart. */
export const troubleKinds = [
  'wrong-password',
  'locked',
  'throttled',
  'unreachable',
  'over-quota',
  'deletions-stopped',
  'mailbox-removed',
  'mailbox-missing',
  'not-equal',
  'secret',
  'not-provisioned',
  'vanished',
  'database',
  'server',
  'defect',
] as const;

export interface AccountsSearch {
  readonly search?: string | undefined;
  readonly phase?: (typeof phases)[number] | undefined;
  /** One error code, or `any`. */
  readonly trouble?: string | undefined;
  readonly kind?: string | undefined;
  readonly domain?: string | undefined;
  readonly team?: string | undefined;
  /** Who is selected, as team/selection.ts writes it. */
  readonly sel?: string | undefined;
  readonly account?: string | undefined;
}

function text(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
    ? String(value).slice(0, 320)
    : undefined;
}

export function accountsSearch(search: Record<string, unknown>): AccountsSearch {
  return {
    search: text(search['search']),
    phase: phases.find((name) => name === search['phase']),
    trouble: text(search['trouble']),
    // What nobody knows the API would refuse.
    kind: troubleKinds.find((name) => name === search['kind']),
    domain: text(search['domain']),
    team: text(search['team']),
    sel: typeof search['sel'] === 'string' ? search['sel'].slice(0, 2_000) : undefined,
    account: text(search['account']),
  };
}

export const settingsParts = ['operators', 'tokens', 'webhooks'] as const;
export type SettingsPart = (typeof settingsParts)[number];

export interface SettingsSearch {
  readonly part?: SettingsPart | undefined;
  /** The webhook whose calls are shown. */
  readonly hook?: string | undefined;
}

export function settingsSearch(search: Record<string, unknown>): SettingsSearch {
  return {
    part: settingsParts.find((name) => name === search['part']),
    hook: text(search['hook']),
  };
}

export const provisionLists = ['trouble', 'without-password'] as const;
export const discoveredStates = ['vanished', 'adopted', 'missing'] as const;

export interface ProvisioningSearch {
  /** Which accounts on new are listed. */
  readonly list?: (typeof provisionLists)[number] | undefined;
  /** Which addresses on old are listed. */
  readonly found?: (typeof discoveredStates)[number] | undefined;
}

export function provisioningSearch(search: Record<string, unknown>): ProvisioningSearch {
  return {
    list: provisionLists.find((name) => name === search['list']),
    found: discoveredStates.find((name) => name === search['found']),
  };
}

export const setupSteps = ['servers', 'login', 'accounts', 'start'] as const;
export type SetupStep = (typeof setupSteps)[number];

export interface SetupSearch {
  readonly step?: SetupStep | undefined;
}

export function setupSearch(search: Record<string, unknown>): SetupSearch {
  return { step: setupSteps.find((name) => name === search['step']) };
}

export interface WavesSearch {
  /** `2026-11`; the current one without it. */
  readonly month?: string | undefined;
  /** `2026-11-27`: only waves of this day. */
  readonly day?: string | undefined;
}

export function wavesSearch(search: Record<string, unknown>): WavesSearch {
  const fits = (value: unknown, form: RegExp): string | undefined =>
    typeof value === 'string' && form.test(value) ? value : undefined;
  return {
    month: fits(search['month'], /^\d{4}-(0[1-9]|1[0-2])$/),
    day: fits(search['day'], /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/),
  };
}
