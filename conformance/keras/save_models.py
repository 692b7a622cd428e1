"""Saves models with Keras for read-models.mjs: NAME.keras, and NAME.json with an input and what Keras predicts for it.

usage: save_models.py DIRECTORY
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

RNG = np.random.default_rng(3)


def models():
    yield "sequential-lstm", keras.Sequential([keras.Input((12, 4)), layers.LSTM(8), layers.Dense(2)])
    yield "sequential-stacked", keras.Sequential(
        [
            keras.Input((9, 3)),
            layers.LSTM(6, return_sequences=True),
            layers.Dropout(0.3),
            layers.LSTM(6, use_bias=False),
            layers.Dense(6, activation="relu"),
            layers.Dense(6, activation="sigmoid"),
            layers.Reshape((3, 2)),
        ]
    )
    window = keras.Input((10, 3), name="window")
    late = layers.LSTM(5)(window)
    early = layers.LSTM(5, return_sequences=True)(window)
    deep = layers.LSTM(5)(early)
    last = layers.Flatten()(layers.Cropping1D((9, 0))(window))
    level = layers.Dense(5, use_bias=False, trainable=False)(layers.Rescaling([1.0, 0.5, 2.0], offset=0.25)(last))
    joined = layers.Add()([layers.Subtract()([deep, late]), level])
    steps = layers.RepeatVector(4)(joined)
    yield "functional-branches", keras.Model(window, layers.Dense(2, activation="tanh")(steps))


def described(array):
    return {"shape": list(array.shape), "data": [float(value) for value in array.ravel()]}


def main(directory):
    for name, model in models():
        for weight in model.weights:  # biases of 0 would not show when they are exchanged
            weight.assign(weight.numpy() + RNG.normal(0, 0.1, weight.shape))
        given = RNG.normal(size=(5, *model.input_shape[1:])).astype("float32")
        model.save(pathlib.Path(directory) / f"{name}.keras")
        document = {"input": described(given), "output": described(model.predict(given, verbose=0))}
        (pathlib.Path(directory) / f"{name}.json").write_text(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1])
