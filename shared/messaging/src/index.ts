export {
  connectMessaging,
  type Credentials,
  type MessagingOptions,
  type TlsFiles,
} from "./connect-messaging.ts";
export { createInbox, type Inbox } from "./inbox.ts";
export { publishToStream } from "./jetstream-request.ts";
export { createKeyValueEntries } from "./key-value-entries.ts";
export { natsLogin, natsLoginSettings, type NatsLogin } from "./nats-login.ts";
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
export { headerBytes } from "./nats-message.ts";
