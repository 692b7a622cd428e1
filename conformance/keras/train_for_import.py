"""Trains models with Keras on windows of two series, for import-models.mjs: NAME.keras, and NAME.json with the series,
some origins and what Keras predicts for them.

usage: train_for_import.py DIRECTORY
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

ROWS, LOOK_BACK, HORIZON = 400, 12, 3
RNG = np.random.default_rng(11)
TIME = np.arange(ROWS)
SERIES = np.stack(
    [
        100 + 20 * np.sin(TIME / 4) + RNG.normal(0, 1, ROWS),
        -3 + 0.5 * np.cos(TIME / 6) + RNG.normal(0, 0.05, ROWS),
    ],
    axis=1,
).astype("float32")
ORIGINS = np.arange(LOOK_BACK - 1, ROWS - HORIZON)
WINDOWS = np.stack([SERIES[t - LOOK_BACK + 1 : t + 1] for t in ORIGINS])
AHEAD = np.stack([SERIES[t + 1 : t + 1 + HORIZON] for t in ORIGINS])
CENTRE, SPREAD = SERIES.mean(axis=0), SERIES.std(axis=0)


def scaled_in():
    return layers.Rescaling((1 / SPREAD).tolist(), offset=(-CENTRE / SPREAD).tolist())


def scaled_out():
    return layers.Rescaling(SPREAD.tolist(), offset=CENTRE.tolist())


def models():
    """Name, model, its input and its output for each origin."""
    yield (
        "lstm-of-both",
        keras.Sequential(
            [
                keras.Input((LOOK_BACK, 2)),
                scaled_in(),
                layers.LSTM(8),
                layers.Dense(HORIZON * 2),
                layers.Reshape((HORIZON, 2)),
                scaled_out(),
            ]
        ),
        WINDOWS,
        AHEAD,
    )
    channels = keras.Input((2, LOOK_BACK))
    rows = scaled_in()(layers.Permute((2, 1))(channels))
    deep = layers.Conv1D(6, 3, padding="causal", activation="relu")(rows)
    steps = layers.Reshape((HORIZON, 2))(layers.Dense(HORIZON * 2)(layers.Flatten()(deep)))
    yield (
        "channels-first",
        keras.Model(channels, layers.Permute((2, 1))(scaled_out()(steps))),
        WINDOWS.transpose(0, 2, 1),
        AHEAD.transpose(0, 2, 1),
    )
    yield (
        "each-by-itself",
        keras.Sequential([keras.Input((LOOK_BACK,)), layers.Dense(16, activation="tanh"), layers.Dense(HORIZON)]),
        WINDOWS.transpose(0, 2, 1).reshape(-1, LOOK_BACK),
        AHEAD.transpose(0, 2, 1).reshape(-1, HORIZON),
    )


def main(directory):
    for name, model, inputs, outputs in models():
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
        model.fit(inputs, outputs, epochs=3, batch_size=32, verbose=0)
        model.save(directory / f"{name}.keras")
        predicted = model.predict(inputs, verbose=0)
        # As [origins, horizon, series], whatever the model's own order.
        if name != "lstm-of-both":
            predicted = predicted.reshape(len(ORIGINS), 2, HORIZON).transpose(0, 2, 1)
        told = {
            "lookBack": LOOK_BACK,
            "horizon": HORIZON,
            "series": SERIES.T.astype(float).tolist(),
            "origins": ORIGINS.tolist(),
            "predicted": predicted.astype(float).ravel().tolist(),
        }
        (directory / f"{name}.json").write_text(json.dumps(told))
        print(f"trained {name}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
