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
    yield "sequential-convolutions", keras.Sequential(
        [
            keras.Input((16, 4)),
            layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
            layers.Conv1D(6, 3, padding="causal", dilation_rate=4, use_bias=False),
            layers.LayerNormalization(epsilon=1e-5),
            layers.Conv1D(6, 4, strides=2),
            layers.GRU(5, return_sequences=True, dropout=0.2),
            layers.Permute((2, 1)),
            layers.GRU(5, go_backwards=True),
            layers.Activation("gelu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    yield "sequential-bidirectional", keras.Sequential(
        [
            keras.Input((9, 3)),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
            layers.Bidirectional(layers.GRU(3, return_sequences=True)),
            layers.Bidirectional(layers.GRU(3)),
            layers.Dense(2),
        ]
    )
    yield "functional-transformer", transformer()


def transformer():
    """Both ways to call an attention layer, two of each class with equal shapes."""
    window = keras.Input((10, 6), name="window")
    other = layers.MultiHeadAttention(3, 2, use_bias=False)(window, window)
    first = layers.MultiHeadAttention(2, 4, dropout=0.1)(window, window)
    second = layers.MultiHeadAttention(2, 4)(query=first, value=first, key=first)
    normed = layers.LayerNormalization(axis=2)(layers.Add()([second, other]))
    late = layers.GRU(6, return_sequences=True)(other)
    early = layers.GRU(6, return_sequences=True)(normed)
    gated = layers.Multiply()([late, layers.GRU(6, return_sequences=True)(early)])
    joined = layers.Concatenate()([gated, layers.Dense(6, activation="gelu")(normed)])
    return keras.Model(window, layers.Dense(2)(layers.GlobalAveragePooling1D()(joined)))


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
