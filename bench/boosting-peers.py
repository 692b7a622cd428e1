"""The peer of bench/boosting.mjs: LightGBM with one thread on the same table.

usage: boosting-peers.py FILE   FILE: {"rows", "columns", "fitRows", "settings", "table", "values"}, the last two being
files of little-endian float64, [rows, columns] row-major and [rows]; prints JSON
"""

import json
import sys
import time

import lightgbm
import numpy as np


def main(path):
    with open(path) as file:
        given = json.load(file)
    settings = given["settings"]
    table = np.fromfile(given["table"], dtype="<f8").reshape(given["rows"], given["columns"])
    values = np.fromfile(given["values"], dtype="<f8")
    fit = given["fitRows"]
    parameters = {
        "objective": "regression",
        "num_leaves": settings["maximumLeaves"],
        "min_data_in_leaf": settings["minimumRows"],
        "lambda_l2": settings["lambda"],
        "learning_rate": settings["learningRate"],
        "max_bin": 255,
        "min_sum_hessian_in_leaf": 0,
        "feature_fraction": 1.0,
        "num_threads": 1,
        "seed": 1,
        "verbose": -1,
    }
    wall, cpu = time.perf_counter(), time.process_time()
    data = lightgbm.Dataset(table[:fit], values[:fit], params=parameters)
    data.construct()
    binned = time.process_time()
    model = lightgbm.train(parameters, data, settings["rounds"])
    done, used = time.perf_counter(), time.process_time()
    forecast = model.predict(table[fit:], num_threads=1)
    predicted = time.process_time()
    rest = values[fit:]
    print(
        json.dumps(
            {
                "version": lightgbm.__version__,
                "seconds": done - wall,
                "cpuSeconds": used - cpu,
                "binningCpuSeconds": binned - cpu,
                "predictionCpuSeconds": predicted - used,
                "r2": 1 - float(np.mean((forecast - rest) ** 2) / np.var(rest)),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
