"""Checks each NAME.onnx of a directory with the onnx package, runs it with onnxruntime and compares with NAME.json.

Exit code 1 when a file is not valid, has operators of other sets than ONNX' own, has a fixed batch size, lacks its
metadata, differs from our own forecast by more than 1e-5, or when there is none.

usage: check.py DIRECTORY
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5
METADATA = {"algorithm", "columns", "targets", "lookBack", "horizon", "scaling"}


def check_file(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = {entry.domain for entry in model.opset_import}
    if domains != {""}:
        raise ValueError(f"operator sets {domains}")
    missing = METADATA - {entry.key for entry in model.metadata_props}
    if missing:
        raise ValueError(f"metadata lacks {missing}")
    for value in [*model.graph.input, *model.graph.output]:
        if value.type.tensor_type.shape.dim[0].dim_param != "batch":
            raise ValueError(f"{value.name} has a fixed batch size")
    return {value.name for value in model.graph.input}


def difference(path):
    """Largest absolute difference from our own forecast, in batches of all windows and of one."""
    names = check_file(path)
    document = json.loads(path.with_suffix(".json").read_text())
    expected = np.asarray(document["forecast"]).reshape(
        -1, document["horizon"], document["targets"], *document["classes"]
    )
    given = {name: np.asarray(document["inputs"][name], dtype=np.float32) for name in names}
    session = onnxruntime.InferenceSession(path)
    worst = 0.0
    for rows in (slice(None), slice(2, 3)):
        (forecast,) = session.run([document["output"]], {name: values[rows] for name, values in given.items()})
        if forecast.shape != expected[rows].shape:
            raise ValueError(f"shape {forecast.shape}, not {expected[rows].shape}")
        worst = max(worst, float(np.max(np.abs(forecast - expected[rows]))))
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
