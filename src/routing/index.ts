/** Where mail goes: what Postfix on a mail host is told, from the edge's replica. */
export { type EdgeControl, EdgeFollower } from './edge-follower.ts';
export { type Change, PostfixHost } from './postfix-host.ts';
export { networkOf } from './network.ts';
export { refusalOf } from './postfix-refusals.ts';
export { type PgsqlPlace, pgsqlFile, pgsqlFileName, pgsqlPlaceOf } from './postfix-pgsql.ts';
export { postfixSettings } from './postfix-settings.ts';
export type { PostfixSettings, PostfixSite, TlsLevel } from './postfix-site.ts';
export { PostmapTable } from './postmap.ts';
export { type RouteLookup, routeLookup } from './route-lookup.ts';
export { serveSocketmap, type SocketmapServer } from './socketmap-server.ts';
export { allRows, changedRows } from './table-rows.ts';
export { nexthopOf } from './transport-table.ts';
