/** Where mail goes: what Postfix on a mail host is told, from the edge's replica. */
export { type EdgeControl, EdgeFollower } from './edge-follower.ts';
export { configCommand } from './doctor/command-line.ts';
export { extensionsOf, replyText, SmtpReplies, type SmtpReply } from './doctor/ehlo.ts';
export { examine } from './doctor/examine.ts';
export type {
  ConfiguredFacts,
  DiskFacts,
  DovecotFacts,
  FileFacts,
  HostFacts,
  Looked,
  PeerFacts,
  PostfixFacts,
  QueueFacts,
  RecipientFacts,
  ReplicaFacts,
  RouteFacts,
  TableFacts,
} from './doctor/facts.ts';
export { findingWords, leftOutWords } from './doctor/finding-table.ts';
export { askedRoutes, differencesOf } from './doctor/route-answers.ts';
export { waitingMail } from './doctor/waiting-mail.ts';
export { type Change, PostfixHost } from './postfix-host.ts';
export { networkOf } from './network.ts';
export { refusalOf } from './postfix-refusals.ts';
export { elementsOf } from './postfix-lists.ts';
export { valueLines } from './postfix-output.ts';
export { type PgsqlPlace, pgsqlFile, pgsqlFileName, pgsqlPlaceOf } from './postfix-pgsql.ts';
export { postfixSettings } from './postfix-settings.ts';
export type { PostfixSettings, PostfixSite } from './postfix-site.ts';
export { PostmapTable } from './postmap.ts';
export { type RouteLookup, routeLookup } from './route-lookup.ts';
export { serveSocketmap, type SocketmapServer } from './socketmap-server.ts';
export { allRows, changedRows } from './table-rows.ts';
export { candidatesOf, nexthopOf } from './transport-table.ts';
