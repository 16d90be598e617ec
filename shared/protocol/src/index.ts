export {
  batchingDefaults,
  timeoutActions,
  type BatchingRules,
  type TimeoutAction,
} from "./batching-rules.ts";
export { checkBody, splitBody } from "./body.ts";
export { decodeBudgetRecord, encodeBudgetRecord, type BudgetRecord } from "./budget-record.ts";
export { checkRequest, formOf } from "./check-request.ts";
export { codes, isCode, type Code, type ErrorCode } from "./code.ts";
export { cellAt, cellsAt, type Cells } from "./columns.ts";
export { decodeCredit, decodeCreditAnswer, encodeCredit, encodeCreditAnswer } from "./credit.ts";
export { cutBySize, type CutRows } from "./cut-by-size.ts";
export { byteLengthOf, elementCount, elementSize, isDatatype } from "./datatype.ts";
export { InferenceError, isRetryable, type ErrorDetails, type InferenceErrorOptions } from "./error.ts";
export { metadata as checkMetadata, parameters as checkParameters } from "./fields.ts";
export { createFrame, errorFrame, frameDefaults } from "./frames.ts";
export type { Frame, Timings } from "./frame.ts";
export { decodeHandover, decodeHandoverAnswer, encodeHandover, encodeHandoverAnswer } from "./handover.ts";
export { decodeHeartbeat, encodeHeartbeat } from "./heartbeat.ts";
export {
  decodeInspectAnswer,
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodeInspectError,
  encodeInspectQuestion,
} from "./inspect-codec.ts";
export type {
  InspectAnswer,
  InspectQuestion,
  ModelReport,
  OtherTenantsReport,
  PoolReport,
  Refusals,
  RequestReport,
  RunningRequestReport,
  TenantReport,
  WaitingRequestReport,
  WorkerLatencyReport,
} from "./inspect.ts";
export { elementsToBytes, elementsToJson } from "./json-elements.ts";
export { encodeJsonFrame } from "./json-frame.ts";
export { decodeJsonRequest, isJsonPayload } from "./json-request.ts";
export { checkInputDatatype, checkInputShape, checkLayout } from "./layouts.ts";
export type { ExceededLimit, LimitHolder } from "./limit-error.ts";
export { limitError, limitOf, limitRefusal } from "./limit-error.ts";
export {
  budgetRecordMaxAgeMs,
  batchSilenceMs,
  creditRepeatMs,
  defaultTimeoutMs,
  handoverTimeoutMs,
  heartbeatIntervalMs,
  inspectTimeoutMs,
  leaseTimeoutMs,
  maxAttempts,
  maxIdLength,
  maxInspectedRequests,
  maxInspectedTenants,
  maxInspectedWorkers,
  maxLeasesPerMessage,
  maxPackRows,
  maxTensors,
  packHeadBytes,
  parkedStreamMs,
  poolEventIntervalMs,
  resultsAckTimeoutMs,
  silenceMs,
  takeoverQuietMs,
  windowFrames,
} from "./limits.ts";
export type {
  BatchDone,
  Control,
  Credit,
  CreditAnswer,
  Handover,
  HandoverAnswer,
  HandoverShares,
  HandoverState,
  HandoverVirtualTime,
  Heartbeat,
  ModelLatency,
  OpenRun,
  PoolEvent,
  PoolModel,
  ModelRecord,
  PoolRecord,
  ReplyPack,
  RequestPack,
  ResultPack,
  ResultsAck,
  StreamWindow,
  WorkBatch,
  WorkerProfile,
  WorkRefusal,
} from "./messages.ts";
export { runName, type RunName } from "./run-name.ts";
export { decodeModelRecord, encodeModelRecord } from "./model-record.ts";
export { decodePoolEvent, decodePoolRecord, encodePoolEvent, encodePoolRecord } from "./pool.ts";
export { payerKey, type Payer } from "./payer.ts";
export { decodeWorkerProfile, encodeWorkerProfile } from "./profile.ts";
export {
  decodeLeaseAsks,
  decodeLeases,
  encodeLeaseAsks,
  encodeLeases,
  type Lease,
  type LeaseAsk,
  type LeaseShortage,
} from "./quota.ts";
export { createRefusal, type Refusal } from "./refusal.ts";
export { admitRequest, requestDefaults, type Admission } from "./requests.ts";
export { decodeRequestPack, encodeRequestPack } from "./request-pack.ts";
export type { Accept, AdmittedRequest, InferenceRequest, Parameters, Scalar } from "./request.ts";
export {
  decodeReplyPack,
  decodeResultPack,
  decodeResultsAck,
  encodeReplyPack,
  encodeResultPack,
  encodeResultsAck,
} from "./result-pack.ts";
export { readRoutes, type Route, type RoutedPack } from "./result-routes.ts";
export { frameBytes, requestBytes } from "./row-bytes.ts";
export { rowLength } from "./row-length.ts";
export type {
  CheckedRequest,
  ModelSignature,
  ParameterSpec,
  SignatureForm,
  TensorSpec,
} from "./signature.ts";
export {
  buckets,
  checkReplySubject,
  isInbox,
  ownerGroup,
  parseSubject,
  queueGroups,
  subjects,
  type ParsedSubject,
} from "./subjects.ts";
export { defaultTenantClass, tenantClasses, type TenantClass } from "./tenant-class.ts";
export { parseTenantKey, tenantKeys, type ParsedTenantKey } from "./tenant-record-key.ts";
export {
  changeTenantRecord,
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
  defaultClassDefaults,
  encodeDefaultClassRecord,
  encodeGroupRecord,
  encodeTenantRecord,
  groupRecordDefaults,
  tenantRecordDefaults,
  type DefaultClassRecord,
  type GroupRecord,
  type TenantRecord,
} from "./tenant-record.ts";
export {
  encodeStrings,
  stringsOf,
  tensorOf,
  typedArrayOf,
  type TensorArray,
  type TensorValue,
} from "./tensor-values.ts";
export { datatypes, type Datatype, type Tensor, type TensorLayout } from "./tensor.ts";
export { isToken } from "./token.ts";
export {
  decodeControl,
  decodeWorkMessage,
  decodeWorkRefusal,
  encodeControl,
  encodeWorkBatch,
  encodeWorkRefusal,
} from "./work.ts";
