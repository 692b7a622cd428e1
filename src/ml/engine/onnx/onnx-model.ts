import type {
  Attribute,
  DeclaredValue,
  ElementType,
  GraphNode,
  Initialiser,
  Subgraph,
} from '../graph/graph-builder.js';
import {
  bytesField,
  floatField,
  integerField,
  joinParts,
  messageField,
  packedIntegersField,
  textField,
  type Part,
} from './protobuf-writer.js';

export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initialisers: readonly Initialiser[];
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
}

/** Numbers of `TensorProto.DataType`. */
const DATA_TYPES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

/** Numbers of `AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, text: 3, tensor: 4, graph: 5, ints: 7, texts: 8 } as const;

/** The last version of the file format and of the operators that all runtimes we use know. */
const IR_VERSION = 8;
const OPERATOR_SET = 17;
/** Of other domains: that of classical models as it came with ONNX 1.11; what is not named has one version. */
const OTHER_OPERATOR_SETS: Readonly<Record<string, number>> = { 'ai.onnx.ml': 3 };

/** Writes an ONNX file. Field numbers are those of onnx.proto3. */
export function encodeOnnxModel(graph: ModelGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const domains = new Set(graph.nodes.flatMap(domainsOf));
  return joinParts([
    integerField(1, IR_VERSION),
    textField(2, 'trainyard'),
    bytesField(7, encodeGraph(graph)),
    messageField(8, [textField(1, ''), integerField(2, OPERATOR_SET)]),
    ...[...domains].map((domain) => {
      return messageField(8, [textField(1, domain), integerField(2, OTHER_OPERATOR_SETS[domain] ?? 1)]);
    }),
    ...Object.entries(metadata).map(([key, value]) => messageField(14, [textField(1, key), textField(2, value)])),
  ]);
}

function domainsOf(node: GraphNode): string[] {
  const inside = Object.values(node.attributes).flatMap((attribute) =>
    'graph' in attribute ? attribute.graph.nodes.flatMap(domainsOf) : [],
  );
  return node.domain === undefined ? inside : [node.domain, ...inside];
}

function encodeGraph(graph: ModelGraph): Uint8Array {
  return joinParts([
    ...graph.nodes.map((node) => bytesField(1, encodeNode(node))),
    textField(2, graph.name),
    ...graph.initialisers.map((initialiser) => bytesField(5, encodeTensor(initialiser))),
    ...graph.inputs.map((value) => bytesField(11, encodeValue(value))),
    ...graph.outputs.map((value) => bytesField(12, encodeValue(value))),
  ]);
}

const encodeSubgraph = ({ nodes, inputs, outputs }: Subgraph): Uint8Array =>
  encodeGraph({ name: 'body', nodes, initialisers: [], inputs, outputs });

function encodeNode({ operator, domain, inputs, outputs, attributes }: GraphNode): Uint8Array {
  return joinParts([
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, attribute]) => messageField(5, encodeAttribute(name, attribute))),
    ...(domain === undefined ? [] : [textField(7, domain)]),
  ]);
}

function encodeAttribute(name: string, attribute: Attribute): Part[] {
  const typed = (type: keyof typeof ATTRIBUTE_TYPES, ...value: Part[]): Part[] => [
    textField(1, name),
    ...value,
    integerField(20, ATTRIBUTE_TYPES[type]),
  ];
  if ('int' in attribute) return typed('int', integerField(3, attribute.int));
  if ('float' in attribute) return typed('float', floatField(2, attribute.float));
  if ('text' in attribute) return typed('text', textField(4, attribute.text));
  if ('graph' in attribute) return typed('graph', bytesField(6, encodeSubgraph(attribute.graph)));
  if ('texts' in attribute) return typed('texts', ...attribute.texts.map((value) => textField(9, value)));
  if ('numbers' in attribute) {
    const { numbers } = attribute;
    const tensor = encodeTensor({ name, shape: [numbers.length], type: 'float64', values: numbers });
    return typed('tensor', bytesField(5, tensor));
  }
  return typed('ints', packedIntegersField(8, attribute.ints));
}

function encodeTensor({ name, shape, type, values }: Initialiser): Uint8Array {
  return joinParts([
    ...shape.map((extent) => integerField(1, extent)),
    integerField(2, DATA_TYPES[type]),
    textField(8, name),
    bytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);
}

function encodeValue({ name, shape, type }: DeclaredValue): Uint8Array {
  const extents = shape.map((extent) =>
    messageField(1, [typeof extent === 'string' ? textField(2, extent) : integerField(1, extent)]),
  );
  const tensorType = messageField(1, [integerField(1, DATA_TYPES[type]), messageField(2, extents)]);
  return joinParts([textField(1, name), messageField(2, [tensorType])]);
}
