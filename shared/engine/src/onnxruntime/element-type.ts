import type { Datatype } from "@sluice/protocol";

/** ONNX Runtime's element types that have a counterpart on the wire; int4 and bfloat16 have none. */
const datatypeOf = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
  string: "BYTES",
} as const satisfies Record<string, Datatype>;

/** ONNX Runtime's word for the type of a tensor's elements. */
export type ElementType = keyof typeof datatypeOf;

const elementTypes = new Map<Datatype, ElementType>(
  Object.entries(datatypeOf).flatMap(([type, datatype]) => (isElementType(type) ? [[datatype, type]] : [])),
);

export function isElementType(type: string | undefined): type is ElementType {
  return type !== undefined && Object.hasOwn(datatypeOf, type);
}

export function toDatatype(type: ElementType): Datatype {
  return datatypeOf[type];
}

export function toElementType(datatype: Datatype): ElementType {
  const type = elementTypes.get(datatype);
  if (type === undefined) throw new Error(`no element type for ${datatype}`);
  return type;
}
