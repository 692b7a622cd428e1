"""Builds models with onnx.helper for import-models.mjs: NAME.onnx, and NAME.json with windows and what the reference
evaluator of the onnx package makes of each.

usage: make_imports.py DIRECTORY
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

LOOK_BACK, COLUMNS, HORIZON, TARGETS, WINDOWS = 6, 3, 4, 2, 20
RNG = np.random.default_rng(5)


def weight(name, *shape, dtype="float32"):
    return numpy_helper.from_array((RNG.normal(0, 0.4, shape)).astype(dtype), name)


def build(name, nodes, initializers, x, y, opset):
    graph = helper.make_graph(nodes, name, [x], [y], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="onnx.helper")
    model.ir_version = 10
    onnx.checker.check_model(model, full_check=True)
    return name, model


def models():
    inputs = LOOK_BACK * COLUMNS
    shape = numpy_helper.from_array(np.array([0, HORIZON, TARGETS], dtype="int64"), "shape")
    yield build(
        "dense",
        [
            helper.make_node("Flatten", ["x"], ["row"], axis=1),
            helper.make_node("MatMul", ["row", "w1"], ["p1"]),
            helper.make_node("Add", ["p1", "b1"], ["s1"]),
            helper.make_node("Relu", ["s1"], ["h"]),
            helper.make_node("Gemm", ["h", "w2", "b2"], ["p2"]),
            helper.make_node("Reshape", ["p2", "shape"], ["y"]),
        ],
        [weight("w1", inputs, 10), weight("b1", 10), weight("w2", 10, HORIZON * TARGETS), weight("b2", HORIZON * TARGETS), shape],
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", LOOK_BACK, COLUMNS]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", HORIZON, TARGETS]),
        21,
    )
    yield build(
        "convolution-of-a-fixed-batch",
        [
            helper.make_node("Conv", ["x", "k", "c"], ["t"], kernel_shape=[3], pads=[2, 0]),
            helper.make_node("Tanh", ["t"], ["h"]),
            helper.make_node("ReduceMean", ["h", "axes"], ["mean"], keepdims=0),
            helper.make_node("Gemm", ["mean", "w", "b"], ["y4"]),
            helper.make_node("Reshape", ["y4", "shape"], ["y"]),
        ],
        [
            weight("k", 5, COLUMNS, 3),
            weight("c", 5),
            numpy_helper.from_array(np.array([2], dtype="int64"), "axes"),
            weight("w", 5, HORIZON * TARGETS),
            weight("b", HORIZON * TARGETS),
            shape,
        ],
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, COLUMNS, LOOK_BACK]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, HORIZON, TARGETS]),
        18,
    )
    yield build(
        "double-of-one-series",
        [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])],
        [weight("w", LOOK_BACK, HORIZON, dtype="float64"), weight("b", HORIZON, dtype="float64")],
        helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["n", LOOK_BACK]),
        helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["n", HORIZON]),
        17,
    )


def expected(name, model, window):
    """[horizon, targets] of one window [look-back, columns]; the targets are the first columns."""
    run = ReferenceEvaluator(model).run
    if name == "double-of-one-series":
        return np.stack([run(None, {"x": window[None, :, k]})[0][0] for k in range(TARGETS)], axis=1)
    if name == "convolution-of-a-fixed-batch":
        # Other windows beside it must not matter.
        batch = np.concatenate([window.T[None], RNG.normal(size=(3, COLUMNS, LOOK_BACK))]).astype("float32")
        return run(None, {"x": batch})[0][0]
    return run(None, {"x": window[None].astype("float32")})[0][0]


def main(directory):
    series = RNG.normal(0, 1, (WINDOWS + LOOK_BACK + HORIZON, COLUMNS)).astype("float32").astype("float64")
    origins = list(range(LOOK_BACK - 1, LOOK_BACK - 1 + WINDOWS))
    for name, model in models():
        onnx.save(model, directory / f"{name}.onnx")
        made = [expected(name, model, series[t - LOOK_BACK + 1 : t + 1]) for t in origins]
        told = {
            "lookBack": LOOK_BACK,
            "horizon": HORIZON,
            "targets": TARGETS,
            "series": series.T.tolist(),
            "origins": origins,
            "expected": np.array(made, dtype="float64").ravel().tolist(),
        }
        (directory / f"{name}.json").write_text(json.dumps(told))
        print(f"built {name}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
