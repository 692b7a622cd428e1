"""Loads each NAME.keras of a directory with Keras and compares `predict` with NAME.json.

NAME.json: {"input": {"shape": [...], "data": [...]}, "output": {"shape": [...], "data": [...]}}, the output being what
Trainyard's own engine predicts. Exit code 1 when a file does not load, differs by more than 1e-5, or when there is none.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

TOLERANCE = 1e-5


def tensor(described):
    return np.asarray(described["data"], dtype=np.float32).reshape(described["shape"])


def difference(path):
    """Largest absolute difference between Keras' prediction and ours."""
    expected = json.loads(path.with_suffix(".json").read_text())
    model = keras.saving.load_model(path)
    predicted = model.predict(tensor(expected["input"]), verbose=0)
    wanted = tensor(expected["output"])
    if predicted.shape != wanted.shape:
        raise ValueError(f"Keras predicts shape {predicted.shape}, not {wanted.shape}")
    return float(np.max(np.abs(predicted - wanted)))


def main(directory):
    passed = failed = 0
    print(f"Keras {keras.__version__} on {keras.backend.backend()}")
    for path in sorted(pathlib.Path(directory).glob("*.keras")):
        try:
            worst = difference(path)
            good = worst <= TOLERANCE
            print(f"{'ok  ' if good else 'FAIL'} {path.name}: largest difference {worst:.2e}")
        except Exception as error:  # whatever Keras says is the finding
            good = False
            print(f"FAIL {path.name}: {type(error).__name__}: {error}")
        passed += good
        failed += not good
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
