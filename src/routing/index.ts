/** Where mail goes: what Postfix on a mail host is told, from the edge's replica. */
export { type EdgeControl, EdgeFollower } from './edge-follower.ts';
export { PostmapTable } from './postmap.ts';
export { routeLookup } from './route-lookup.ts';
export { serveSocketmap, type SocketmapServer } from './socketmap-server.ts';
export { keysOf, nexthopOf } from './transport-table.ts';
