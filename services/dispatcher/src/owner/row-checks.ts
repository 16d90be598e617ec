import { checkRequest, InferenceError, type InferenceRequest, type ModelSignature } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";
import { requestLength, type TextLengths } from "./request-length.ts";
import { withoutStacks } from "./without-stacks.ts";

/** Checks the requests of one message against their model. */
export interface RowChecks {
  /**
   * Items of a request, and elements in its longest row.
   * @throws {InferenceError} `invalidArgument`, see {@link checkRequest}.
   */
  shapeOf(request: InferenceRequest): RunShape;
}

export interface RowChecksOptions {
  readonly signature: ModelSignature;
  readonly texts: TextLengths;
}

const unknownShape: RunShape = { items: 0, length: 0 };

/**
 * Creates the checks for one message. Decoded rows with the same layouts, outputs or parameters share the objects; what is as
 * the row before it in all of them and in its length needs no second look, and where that row was refused gets the same error.
 * Text lengths lie in the body, so BYTES are looked at. Of the errors of a message only the first has a stack: one for each row of
 * a pack takes half a second.
 */
export function createRowChecks({ signature, texts }: RowChecksOptions): RowChecks {
  const { hasBatchAxis } = signature;
  const hasBytes = signature.forms.some(({ inputs }) => inputs.some(({ datatype }) => datatype === "BYTES"));
  let last: InferenceRequest | undefined;
  let lastShape = unknownShape;
  let lastRefusal: InferenceError | undefined;
  let hasRefused = false;

  const shapeOf = (request: InferenceRequest): RunShape => {
    const { form, items } = checkRequest(signature, request);
    return { items, length: requestLength(request, { form, hasBatchAxis, texts }) };
  };

  const look = (request: InferenceRequest): void => {
    last = request;
    lastRefusal = undefined;
    try {
      lastShape = hasRefused ? withoutStacks(() => shapeOf(request)) : shapeOf(request);
    } catch (error) {
      lastRefusal = InferenceError.from(error);
      hasRefused = true;
    }
  };

  return {
    shapeOf: (request) => {
      if (hasBytes || last === undefined || !isAlike(request, last)) look(request);
      if (lastRefusal !== undefined) throw lastRefusal;
      return lastShape;
    },
  };
}

function isAlike(one: InferenceRequest, other: InferenceRequest): boolean {
  return (
    one.inputs === other.inputs &&
    one.outputs === other.outputs &&
    one.parameters === other.parameters &&
    one.body.length === 1 &&
    other.body.length === 1 &&
    one.body[0]?.length === other.body[0]?.length
  );
}
