"""Checks each NAME.onnx of a directory with the onnx package, runs it with onnxruntime and compares with NAME.json.

Exit code 1 when a file is not valid, has operators of other sets than ONNX' own, has a fixed batch size, lacks its
metadata, differs in any output from our own forecast by more than 1e-5 of it (of 1 where it is smaller), or when there
is none.

usage: check.py DIRECTORY
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5
# Of ONNX itself, and what it has for classical models.
DOMAINS = {"", "ai.onnx.ml"}
METADATA = {"algorithm", "columns", "targets", "lookBack", "horizon", "scaling", "inputs", "outputs"}


def extents(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


def check_file(path):
    """Names and extents of the inputs; a fault is an exception."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = {entry.domain for entry in model.opset_import}
    if not domains <= DOMAINS:
        raise ValueError(f"operator sets {domains}")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if METADATA - metadata.keys():
        raise ValueError(f"metadata lacks {METADATA - metadata.keys()}")
    for key, values in (("inputs", model.graph.input), ("outputs", model.graph.output)):
        declared = {value.name: extents(value) for value in values}
        told = {entry["name"]: entry["shape"] for entry in json.loads(metadata[key]) if entry["meaning"]}
        if told != declared:
            raise ValueError(f"metadata say {told}, the file {declared}")
        if any(shape[0] != "batch" for shape in declared.values()):
            raise ValueError(f"fixed batch size: {declared}")
    return {value.name: extents(value) for value in model.graph.input}


def difference(path):
    """Largest relative difference from our own forecaster over all outputs, in batches of all windows and of one."""
    inputs = check_file(path)
    document = json.loads(path.with_suffix(".json").read_text())
    # Covariates end with the last forecast row; a file reads as many rows before it as it says.
    given = {
        name: np.asarray(document["inputs"][name], dtype=np.float32)[:, -shape[1] :] for name, shape in inputs.items()
    }
    session = onnxruntime.InferenceSession(path)
    wanted = {
        name: np.asarray(values["values"]).reshape(-1, *values["shape"]) for name, values in document["outputs"].items()
    }
    worst = 0.0
    for rows in (slice(None), slice(2, 3)):
        feeds = {name: values[rows] for name, values in given.items()}
        for name, result in zip(wanted, session.run(list(wanted), feeds)):
            expected = wanted[name][rows]
            if result.shape != expected.shape:
                raise ValueError(f"{name} has shape {result.shape}, not {expected.shape}")
            error = np.abs(result - expected) / np.maximum(1, np.abs(expected))
            worst = max(worst, float(np.max(np.where(np.isnan(error), np.inf, error))))
    return worst


def main(directory):
    passed = failed = 0
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    for path in sorted(pathlib.Path(directory).glob("*.onnx")):
        try:
            worst = difference(path)
            good = worst <= TOLERANCE
            print(f"{'ok  ' if good else 'FAIL'} {path.name}: largest difference {worst:.2e}")
        except Exception as error:  # whatever the packages say is the finding
            good = False
            print(f"FAIL {path.name}: {type(error).__name__}: {error}")
        passed += good
        failed += not good
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
