"""The peer of bench/post-to-succeeded.mjs: what one would write with Keras for the same training, from the CSV to the file.

usage: post-to-succeeded-peer.py CSV FOLDER SETTINGS   SETTINGS: JSON {lookBack, units, epochs, batchSize}; the last
line is JSON: seconds of this process by step, and its processor time.
"""

import time

began = time.perf_counter()
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras
import numpy as np

imported = time.perf_counter()
csv, folder, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
look_back = settings["lookBack"]
keras.utils.set_random_seed(1)

rows = np.loadtxt(csv, delimiter=",", skiprows=1, usecols=range(1, 9))
cuts = [int(len(rows) * share) for share in (0.7, 0.85)]
scaled = ((rows - rows[: cuts[0]].mean(axis=0)) / rows[: cuts[0]].std(axis=0)).astype(np.float32)
windows = np.lib.stride_tricks.sliding_window_view(scaled[:-1], look_back, axis=0).transpose(0, 2, 1)
targets = scaled[look_back:, :1]
bounds = [0, *(cut - look_back for cut in cuts), len(windows)]
(train, validation, test) = ((windows[a:b].copy(), targets[a:b]) for a, b in zip(bounds, bounds[1:]))
prepared = time.perf_counter()

model = keras.Sequential(
    [keras.Input((look_back, rows.shape[1])), keras.layers.LSTM(settings["units"]), keras.layers.Dense(1)]
)
model.compile(optimizer="adam", loss="mse")
history = model.fit(
    *train,
    validation_data=validation,
    epochs=settings["epochs"],
    batch_size=settings["batchSize"],
    verbose=0,
)
trained = time.perf_counter()

mae = float(np.abs(model.predict(test[0], verbose=0) - test[1]).mean())
model.save(os.path.join(folder, "model.keras"))
done = time.perf_counter()
used = os.times()
print(
    json.dumps(
        {
            "keras": f"{keras.__version__} on {keras.backend.backend()}",
            "windows": [len(part[0]) for part in (train, validation, test)],
            "importing": imported - began,
            "preparing": prepared - imported,
            "training": trained - prepared,
            "testing and saving": done - trained,
            "cpuSeconds": used.user + used.system,
            "testMae": mae,
        }
    )
)
