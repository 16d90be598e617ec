export { connectMessaging, type MessagingOptions, type TlsFiles } from "./connect-messaging.ts";
export type { Credentials } from "./credentials.ts";
export { createInbox, type Inbox } from "./inbox.ts";
export { checkJetStream, publishToStream } from "./jetstream-request.ts";
export { createKeyValueEntries } from "./key-value-entries.ts";
export { messagingErrors } from "./messaging-error.ts";
export type {
  DurableAck,
  DurableOptions,
  KeyValue,
  KeyValueEntry,
  KeyValueWatch,
  Message,
  Messaging,
  MessagingEvent,
  PublishOptions,
  RequestOptions,
  Subscription,
} from "./messaging.ts";
export {
  natsAccess,
  natsAccessSettings,
  natsLogin,
  natsLoginSettings,
  type NatsAccess,
  type NatsLogin,
} from "./nats-access.ts";
export { headerBytes } from "./nats-message.ts";
