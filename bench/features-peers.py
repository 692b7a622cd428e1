# TA-Lib and pandas over the bars that bench/features.mjs wrote; prints million bars per second of CPU time as JSON.
import json
import sys
import time

import numpy as np
import pandas as pd
import talib

file, repeats, seconds, rows = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
columns = np.fromfile(file).reshape(4, -1)
bars = columns.shape[1]
cuts = [np.ascontiguousarray(columns[:, at : at + rows]) for at in range(0, bars, rows)]
series = [[pd.Series(column) for column in cut] for cut in cuts]


def use(at):
    global high, low, close, volume, highs, lows, closes, volumes
    high, low, close, volume = cuts[at]
    highs, lows, closes, volumes = series[at]


def rate(run):
    best, spent, done = float("inf"), 0.0, 0
    while done < repeats or spent < seconds:
        before = time.process_time()
        for at in range(len(cuts)):
            use(at)
            run()
        taken = time.process_time() - before
        best, spent, done = min(best, taken), spent + taken, done + 1
    return bars / best / 1e6


def wilder(series, window):
    return series.ewm(alpha=1 / window, adjust=False).mean()


def pandas_rsi():
    change = closes.diff()
    gain, loss = wilder(change.clip(lower=0), 14), wilder(-change.clip(upper=0), 14)
    return 100 * gain / (gain + loss)


def pandas_macd():
    line = closes.ewm(span=12, adjust=False).mean() - closes.ewm(span=26, adjust=False).mean()
    signal = line.ewm(span=9, adjust=False).mean()
    return line, signal, line - signal


def pandas_bollinger():
    window = closes.rolling(20)
    middle, deviation = window.mean(), window.std(ddof=0)
    return middle, middle + 2 * deviation, middle - 2 * deviation


def pandas_atr():
    before = closes.shift()
    return wilder(np.maximum(highs, before) - np.minimum(lows, before), 14)


def pandas_stochastic():
    floor = lows.rolling(14).min()
    k = 100 * (closes - floor) / (highs.rolling(14).max() - floor)
    return k, k.rolling(3).mean()


def pandas_obv():
    return (np.sign(closes.diff()) * volumes).cumsum()


def pandas_vwap():
    return ((highs + lows + closes) / 3 * volumes).cumsum() / volumes.cumsum()


TALIB = {
    "sma": lambda: talib.SMA(close, 20),
    "ema": lambda: talib.EMA(close, 20),
    "wma": lambda: talib.WMA(close, 20),
    "kama": lambda: talib.KAMA(close, 10),
    "rsi": lambda: talib.RSI(close, 14),
    "stochastic-rsi": lambda: talib.STOCHRSI(close, 14, 14, 3, 0),
    "macd": lambda: talib.MACD(close, 12, 26, 9),
    "bollinger": lambda: talib.BBANDS(close, 20, 2, 2),
    "atr": lambda: talib.ATR(high, low, close, 14),
    # Ours gives three columns, TA-Lib one a call.
    "adx": lambda: (talib.ADX(high, low, close, 14), talib.PLUS_DI(high, low, close, 14), talib.MINUS_DI(high, low, close, 14)),
    "stochastic": lambda: talib.STOCHF(high, low, close, 14, 3, 0),
    "williams-r": lambda: talib.WILLR(high, low, close, 14),
    "cci": lambda: talib.CCI(high, low, close, 20),
    "roc": lambda: talib.ROC(close, 10),
    "psar": lambda: talib.SAR(high, low, 0.02, 0.2),
    "obv": lambda: talib.OBV(close, volume),
    "mfi": lambda: talib.MFI(high, low, close, volume, 14),
}
PANDAS = {
    "sma": lambda: closes.rolling(20).mean(),
    "ema": lambda: closes.ewm(span=20, adjust=False).mean(),
    "rsi": pandas_rsi,
    "macd": pandas_macd,
    "bollinger": pandas_bollinger,
    "atr": pandas_atr,
    "stochastic": pandas_stochastic,
    "roc": lambda: 100 * closes.pct_change(10),
    "obv": pandas_obv,
    "vwap": pandas_vwap,
    "returns": lambda: np.log(closes).diff(),
    "volatility": lambda: np.log(closes).diff().rolling(20).std(),
}

print(
    json.dumps(
        {
            "versions": f"TA-Lib {talib.__ta_version__.decode()}, pandas {pd.__version__}, numpy {np.__version__}",
            "talib": {name: rate(run) for name, run in TALIB.items()},
            "pandas": {name: rate(run) for name, run in PANDAS.items()},
        }
    )
)
