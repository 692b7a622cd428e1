"""The peer of bench/ridge.mjs: the same ridge regression with numpy, CPU seconds as JSON. Arguments: csv, horizon."""
import json
import sys
import time

import numpy as np

LOOK_BACK, TRAIN, VALIDATION = 336, 8640, 2880
LAMBDAS = [1e-4, 1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3, 10]


def windows(values, first, end, horizon):
    """Windows of all channels less their last value, one a row, whose forecast rows lie in [first, end)."""
    rows = np.lib.stride_tricks.sliding_window_view(values, LOOK_BACK + horizon, axis=0)
    rows = rows[max(0, first - LOOK_BACK) : end - LOOK_BACK - horizon + 1]
    rows = rows.reshape(-1, LOOK_BACK + horizon)
    last = rows[:, LOOK_BACK - 1 : LOOK_BACK]
    return rows[:, : LOOK_BACK - 1] - last, rows[:, LOOK_BACK:] - last


def fit(values, horizon):
    x, y = windows(values, LOOK_BACK, TRAIN, horizon)
    xx, xy = x.T @ x, x.T @ y
    vx, vy = windows(values, TRAIN, TRAIN + VALIDATION, horizon)
    best = None
    unit = np.trace(xx) / len(xx)
    for penalty in LAMBDAS:
        weights = np.linalg.solve(xx + penalty * unit * np.eye(len(xx)), xy)
        error = np.mean((vy - vx @ weights) ** 2)
        if best is None or error < best[0]:
            best = error, penalty
    return best


values = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, usecols=range(1, 8))
values = (values - values[:TRAIN].mean(0)) / values[:TRAIN].std(0)
seconds = []
for _ in range(5):
    begin = time.process_time()
    error, penalty = fit(values, int(sys.argv[2]))
    seconds.append(time.process_time() - begin)
print(json.dumps({"numpy": np.__version__, "seconds": seconds, "lambda": penalty, "validation": error}))
