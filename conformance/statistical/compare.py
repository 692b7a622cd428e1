"""Compares what fit-models.mjs wrote with statsmodels.

ETS: at our parameters statsmodels has our likelihood and our forecast; at its own it has no higher likelihood.
ARIMA: at our parameters the exact likelihood is close to its maximum, and the forecasts from there are ours.
Both: so are the intervals (of multiplicative errors, which both simulate, within the error of that).
Theta: the seasonal parts are those of seasonal_decompose, and the forecasts those of its formula at our alpha.

usage: compare.py FILE
"""

import json
import sys
import warnings

import numpy as np
import pandas as pd
import statsmodels
from scipy.stats import norm
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel, ThetaModelResults
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.statespace.sarimax import SARIMAX

warnings.filterwarnings("ignore")
WORDS = {"A": "add", "M": "mul", "N": None}
failures = 0


def check(name, what, value, limit):
    global failures
    good = bool(value <= limit)
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name}: {what} {value:.2e}, limit {limit:.0e}")


def relative(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


def compare_ets(case, horizon):
    kind, smoothing, initial = case["kind"], case["smoothing"], case["initial"]
    season = kind["season"] != "N"
    model = ETSModel(
        pd.Series(case["values"]),
        error=WORDS[kind["error"]],
        trend=WORDS[kind["trend"][0]],
        damped_trend=kind["trend"] == "Ad",
        seasonal=WORDS[kind["season"]],
        seasonal_periods=12 if season else None,
    )
    parameters = [smoothing["alpha"]]
    if kind["trend"] != "N":
        parameters.append(smoothing["beta"])
    if season:
        parameters.append(smoothing["gamma"])
    if kind["trend"] == "Ad":
        parameters.append(smoothing["phi"])
    parameters.append(initial[0])
    if kind["trend"] != "N":
        parameters.append(initial[1])
    if season:
        parameters.extend(reversed(initial[2:]))  # its first is the season of the row before the first
    at_ours = model.smooth(np.asarray(parameters))
    check(case["name"], "log-likelihood at our parameters off by", abs(at_ours.llf - case["logLikelihood"]), 1e-3)
    check(case["name"], "forecast at our parameters off by", relative(case["forecast"], at_ours.forecast(horizon)), 1e-6)
    check(case["name"], "variance of the errors off by", relative(case["variance"], at_ours.scale), 1e-5)
    last = len(case["values"])
    options = {} if case["deviations"] else {"method": "simulated", "simulate_repetitions": 20000, "rng": 1}
    frame = at_ours.get_prediction(last, last + horizon - 1, **options).summary_frame(alpha=0.2)
    theirs = np.column_stack([frame["pi_lower"], frame["pi_upper"]])
    if case["deviations"]:
        ends = np.outer(case["deviations"], [-norm.ppf(0.9), norm.ppf(0.9)]) + np.asarray(case["forecast"])[:, None]
        check(case["name"], "80 % interval off by", relative(ends, theirs), 1e-6)
    else:
        off = np.abs(np.asarray(case["simulated"]).reshape(-1, 2) - theirs) / (theirs[:, 1] - theirs[:, 0])[:, None]
        check(case["name"], "simulated 80 % interval, in widths, off by", float(np.max(off)), 5e-2)
    theirs = model.fit(disp=False, maxiter=500)
    check(case["name"], "log-likelihood below statsmodels' fit by", theirs.llf - case["logLikelihood"], 5e-2)


def compare_arima(case, horizon):
    order, parts = case["order"], case["parts"]
    values = np.asarray(case["values"])
    seasonal = (order["seasonalP"], order["seasonalD"], order["seasonalQ"], order["seasonLength"])
    constant = order["withConstant"]
    plain = (order["p"], order["d"], order["q"])
    model = SARIMAX(
        values, order=plain, seasonal_order=seasonal if order["seasonLength"] > 1 else (0, 0, 0, 0), trend="c" if constant else None
    )
    ar = np.prod([1 - sum(parts["ar"]), 1 - sum(parts["seasonalAr"])])
    ours = [*([case["mean"] * ar] if constant else []), *parts["ar"], *parts["ma"], *parts["seasonalAr"], *parts["seasonalMa"]]
    at_ours = model.filter(np.asarray([*ours, case["variance"]]))
    fitted = model.fit(disp=False, maxiter=200)
    check(case["name"], "exact log-likelihood below its maximum by", fitted.llf - at_ours.llf, 1.0)
    check(case["name"], "coefficients off by", float(np.max(np.abs(np.asarray(ours) - fitted.params[:-1]) / (1 + np.abs(fitted.params[:-1])))), 5e-2)
    deviation = np.sqrt(case["variance"])
    off = np.max(np.abs(np.asarray(case["forecast"]) - at_ours.forecast(horizon))) / deviation
    check(case["name"], "forecast at our parameters, in deviations, off by", float(off), 1e-2)
    check(case["name"], "deviations by step off by", relative(case["deviations"], at_ours.get_forecast(horizon).se_mean), 1e-4)


def compare_theta(case, horizon):
    values = np.asarray(case["values"])
    period = case["seasonLength"]
    model = "multiplicative" if case["multiplies"] else "additive"
    if period:
        parts = seasonal_decompose(values, model=model, period=period).seasonal[:period]
        check(case["name"], "season off by", relative(case["season"], parts), 1e-9)
    theta = ThetaModel(values, period=period or None, deseasonalize=bool(period), use_test=False, method="auto" if not period else model)
    fitted = theta.fit(use_mle=False)
    adjusted = values
    if period:
        tiled = np.resize(np.asarray(case["season"]), values.shape[0])
        adjusted = values / tiled if case["multiplies"] else values - tiled
    level = adjusted[0]
    for value in adjusted:
        level += case["alpha"] * (value - level)
    at_ours = ThetaModelResults(fitted._b0, case["alpha"], fitted.sigma2, level, fitted._seasonal, False, theta)
    check(case["name"], "forecast at our alpha off by", relative(case["forecast"], at_ours.forecast(horizon, theta=2)), 1e-9)


def main(path):
    with open(path) as file:
        ours = json.load(file)
    print(f"statsmodels {statsmodels.__version__}")
    for family, compare in (("ets", compare_ets), ("arima", compare_arima), ("theta", compare_theta)):
        for case in ours[family]:
            compare(case, ours["horizon"])
    print(f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
