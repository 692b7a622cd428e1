"""The peer of bench/statistical.mjs: statsforecast's AutoETS and AutoARIMA over the same series, on one core.

usage: statistical-peers.py FILE MODEL   FILE: {"seasonLength", "horizon", "series": [[...]]}; prints JSON
"""

import json
import sys
import time
import warnings

import numpy as np
import statsforecast
from statsforecast.models import AutoARIMA, AutoETS

warnings.filterwarnings("ignore")


def main(path, name):
    with open(path) as file:
        given = json.load(file)
    season, horizon = given["seasonLength"], given["horizon"]
    series = [np.asarray(values, dtype=np.float64) for values in given["series"]]
    make = {"ets": lambda: AutoETS(season_length=season), "arima": lambda: AutoARIMA(season_length=season)}[name]

    def forecast(values):
        return make().forecast(y=values, h=horizon)["mean"]

    start = time.perf_counter()
    forecast(series[0][: 4 * season])
    compiled = time.perf_counter()
    cpu = time.process_time()
    means = [forecast(values[:-horizon]) for values in series]
    done = time.perf_counter()
    used = time.process_time() - cpu
    errors = [float(np.mean(np.abs(mean - values[-horizon:]))) for mean, values in zip(means, series)]
    print(
        json.dumps(
            {
                "version": statsforecast.__version__,
                "firstCallSeconds": compiled - start,
                "seconds": done - compiled,
                "cpuSeconds": used,
                "error": float(np.mean(errors)),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
