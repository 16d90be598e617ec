import { checkRequest, type InferenceRequest, type ModelSignature } from "@sluice/protocol";

/** Checks the requests of one message against their model. */
export interface RowChecks {
  /**
   * Items of a request.
   * @throws {InferenceError} `invalidArgument`, see {@link checkRequest}.
   */
  itemsOf(request: InferenceRequest): number;
}

/**
 * Creates the checks for one message. Decoded rows with the same layouts, outputs or parameters share the objects; what is as
 * the row before it in all of them and in its length needs no second look. Text lengths lie in the body, so BYTES are looked at.
 */
export function createRowChecks(signature: ModelSignature): RowChecks {
  const hasBytes = signature.forms.some(({ inputs }) => inputs.some(({ datatype }) => datatype === "BYTES"));
  let last: InferenceRequest | undefined;
  let lastItems = 0;

  return {
    itemsOf: (request) => {
      if (hasBytes || last === undefined || !isAlike(request, last)) {
        lastItems = checkRequest(signature, request).items;
        last = request;
      }
      return lastItems;
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
