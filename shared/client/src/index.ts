export type { Credentials, Messaging, TlsFiles } from "@sluice/messaging";
export {
  InferenceError,
  type Code,
  type Datatype,
  type ErrorCode,
  type ErrorDetails,
  type Parameters,
  type Scalar,
  type Tensor,
  type TensorArray,
  type TensorValue,
  type Timings,
} from "@sluice/protocol";
export { Secret, type Clock, type Logger, type Random } from "@sluice/runtime";
export type { CallOptions } from "./call-options.ts";
export type { ClientEvent } from "./client-event.ts";
export type { ClientOptions } from "./client-options.ts";
export type { Client } from "./client.ts";
export { connect } from "./connect.ts";
export type { InputValue, ModelInputs } from "./inputs.ts";
export type { ModelClient } from "./model-client.ts";
export type { KnownModel } from "./pool-directory.ts";
export type { Outputs, ResultTensor } from "./result-tensor.ts";
export type { Result, StreamFrame } from "./result.ts";
export type { ShapedInput } from "./shaped-input.ts";
