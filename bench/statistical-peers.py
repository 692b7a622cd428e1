"""The peers of bench/statistical.mjs over the same series, on one core: statsforecast's AutoETS and AutoARIMA, and ridge
as one would write it with numpy: last-value-normalised windows, the penalty chosen on the last fifth.

usage: statistical-peers.py FILE MODEL   FILE: {"seasonLength", "horizon", "lookBack", "lambdas", "limitSeconds", "series"};
prints JSON. A series that takes more than the limit of processor seconds is given up: its error is null.
"""

import json
import os
import signal
import sys
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np

warnings.filterwarnings("ignore")


def ridge(values, look_back, horizon, lambdas):
    windows = np.lib.stride_tricks.sliding_window_view(values, look_back + horizon)
    last = windows[:, look_back - 1 : look_back]
    x, y = windows[:, : look_back - 1] - last, windows[:, look_back:] - last
    cut = len(x) * 4 // 5

    def solutions(count):
        gram = x[:count].T @ x[:count]
        scale, (values_of, vectors) = np.trace(gram) / len(gram), np.linalg.eigh(gram)
        projected = vectors.T @ (x[:count].T @ y[:count])
        return lambda penalty: vectors @ (projected / (values_of + penalty * scale)[:, None])

    candidate = solutions(cut)
    scored = slice(cut + horizon - 1, None)
    best = min(lambdas, key=lambda penalty: np.mean((x[scored] @ candidate(penalty) - y[scored]) ** 2))
    newest = values[-look_back:]
    return (newest[:-1] - newest[-1]) @ solutions(len(x))(best) + newest[-1]


def within(seconds, forecast, values):
    def give_up(*_):
        raise TimeoutError

    signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return forecast(values)
    except TimeoutError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main(path, name):
    with open(path) as file:
        given = json.load(file)
    season, horizon = given["seasonLength"], given["horizon"]
    series = [np.asarray(values, dtype=np.float64) for values in given["series"]]
    if name == "ridge":
        version = f"numpy {np.__version__}"

        def forecast(values):
            return ridge(values, given["lookBack"], horizon, given["lambdas"])

    else:
        import statsforecast
        from statsforecast.models import AutoARIMA, AutoETS

        version = statsforecast.__version__
        make = {"ets": AutoETS, "arima": AutoARIMA}[name]

        def forecast(values):
            return make(season_length=season).forecast(y=values, h=horizon)["mean"]

    start = time.perf_counter()
    forecast(series[0] if name == "ridge" else series[0][: 4 * season])
    compiled = time.perf_counter()
    cpu = time.process_time()
    means = [within(given["limitSeconds"], forecast, values[:-horizon]) for values in series]
    done = time.perf_counter()
    used = time.process_time() - cpu
    errors = [
        None if mean is None else float(np.mean(np.abs(mean - values[-horizon:])))
        for mean, values in zip(means, series)
    ]
    print(
        json.dumps(
            {
                "version": version,
                "firstCallSeconds": compiled - start,
                "seconds": done - compiled,
                "cpuSeconds": used,
                "errors": errors,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
