"""Milliseconds per epoch of one network of bench/engine.mjs in PyTorch (eager) and in JAX (jit over a whole epoch).

usage: engine-peers.py <network> <seconds>; one thread, batch 64, Adam, mean squared error. The last line is JSON.
"""
import json
import os
import sys
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn as nn

torch.set_num_threads(1)
NAME, SECONDS = sys.argv[1], float(sys.argv[2])
BATCH = 64
SHAPES = {
    "mlp": (5000, (32,), 1),
    "linear": (5000, (336,), 96),
    "lstm": (2000, (30, 8), 1),
    "gru": (2000, (30, 8), 1),
    "tcn": (2000, (30, 8), 1),
    "transformer": (2000, (30, 8), 1),
    "lstm-64-96": (2000, (96, 8), 1),
}
ROWS, SHAPE, OUTPUTS = SHAPES[NAME]
UNITS = 64 if NAME == "lstm-64-96" else 32
BATCHES = ROWS // BATCH
rng = np.random.default_rng(1)
X = rng.normal(size=(BATCHES, BATCH, *SHAPE)).astype(np.float32)
Y = rng.normal(size=(BATCHES, BATCH, OUTPUTS)).astype(np.float32)


def fastest(epoch):
    best, count, end = float("inf"), 0, None
    while count < 6 or time.perf_counter() < end:
        began = time.perf_counter()
        epoch()
        best = min(best, time.perf_counter() - began)
        count += 1
        end = end or time.perf_counter() + SECONDS
    return best * 1000


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cell = kind(SHAPE[1], UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, 1)

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


class Causal(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(SHAPE[1] if n == 0 else 32, 32, 3, dilation=d) for n, d in enumerate((1, 2, 4))
        )
        self.head = nn.Linear(32 * SHAPE[0], 1)

    def forward(self, x):
        x = x.transpose(1, 2)
        for layer, d in zip(self.layers, (1, 2, 4)):
            x = torch.relu(layer(nn.functional.pad(x, (2 * d, 0))))
        return self.head(x.flatten(1))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Linear(SHAPE[1], 32)
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(32), nn.LayerNorm(32)
        self.wide, self.narrow = nn.Linear(32, 64), nn.Linear(64, 32)
        self.head = nn.Linear(32 * SHAPE[0], 1)

    def forward(self, x):
        h = self.embedding(x)
        h = self.norm1(h + self.attention(h, h, h, need_weights=False)[0])
        h = self.norm2(h + self.narrow(torch.relu(self.wide(h))))
        return self.head(h.flatten(1))


TORCH = {
    "mlp": lambda: nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)),
    "linear": lambda: nn.Linear(336, 96),
    "lstm": lambda: Recurrent(nn.LSTM),
    "gru": lambda: Recurrent(nn.GRU),
    "lstm-64-96": lambda: Recurrent(nn.LSTM),
    "tcn": Causal,
    "transformer": Transformer,
}


def torch_ms():
    net = TORCH[NAME]()
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    xs, ys = torch.from_numpy(X), torch.from_numpy(Y)

    def epoch():
        for x, y in zip(xs, ys):
            optimiser.zero_grad()
            ((net(x) - y) ** 2).mean().backward()
            optimiser.step()

    return fastest(epoch)


def dense(rows, columns):
    return {"w": jnp.array(rng.normal(size=(rows, columns)) * 0.1, jnp.float32), "b": jnp.zeros(columns)}


def affine(p, x):
    return x @ p["w"] + p["b"]


def lstm_forward(p, x):
    z = affine(p["x"], jnp.swapaxes(x, 0, 1))

    def step(state, zt):
        h, c = state
        i, f, g, o = jnp.split(zt + h @ p["h"]["w"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((x.shape[0], UNITS))
    (h, _), _ = jax.lax.scan(step, (zeros, zeros), z)
    return affine(p["head"], h)


def gru_forward(p, x):
    z = affine(p["x"], jnp.swapaxes(x, 0, 1))

    def step(h, zt):
        zz, zr, zn = jnp.split(zt, 3, -1)
        hz, hr, hn = jnp.split(affine(p["h"], h), 3, -1)
        u, r = jax.nn.sigmoid(zz + hz), jax.nn.sigmoid(zr + hr)
        return u * h + (1 - u) * jnp.tanh(zn + r * hn), None

    h, _ = jax.lax.scan(step, jnp.zeros((x.shape[0], UNITS)), z)
    return affine(p["head"], h)


def mlp_forward(p, x):
    return affine(p["c"], jax.nn.relu(affine(p["b"], jax.nn.relu(affine(p["a"], x)))))


def tcn_forward(p, x):
    for n, d in enumerate((1, 2, 4)):
        padded = jnp.pad(x, ((0, 0), (2 * d, 0), (0, 0)))
        taps = jnp.concatenate([padded[:, k * d : k * d + x.shape[1]] for k in range(3)], -1)
        x = jax.nn.relu(affine(p[f"conv{n}"], taps))
    return affine(p["head"], x.reshape(x.shape[0], -1))


def layer_norm(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p["w"][0] + p["b"]


def transformer_forward(p, x):
    h = affine(p["embedding"], x)
    b, t, w = h.shape
    q, k, v = (a.reshape(b, t, 4, 8).transpose(0, 2, 1, 3) for a in jnp.split(affine(p["qkv"], h), 3, -1))
    mixed = jax.nn.softmax(q @ k.swapaxes(-1, -2) / np.sqrt(8)) @ v
    h = layer_norm(p["norm1"], h + affine(p["out"], mixed.transpose(0, 2, 1, 3).reshape(b, t, w)))
    h = layer_norm(p["norm2"], h + affine(p["narrow"], jax.nn.relu(affine(p["wide"], h))))
    return affine(p["head"], h.reshape(b, -1))


def jax_network():
    if NAME == "mlp":
        return {"a": dense(32, 64), "b": dense(64, 64), "c": dense(64, 1)}, mlp_forward
    if NAME == "linear":
        return dense(336, 96), affine
    if NAME == "gru":
        return {"x": dense(8, 3 * UNITS), "h": dense(UNITS, 3 * UNITS), "head": dense(UNITS, 1)}, gru_forward
    if NAME.startswith("lstm"):
        return {"x": dense(8, 4 * UNITS), "h": {"w": dense(UNITS, 4 * UNITS)["w"]}, "head": dense(UNITS, 1)}, lstm_forward
    if NAME == "tcn":
        return {
            "conv0": dense(24, 32), "conv1": dense(96, 32), "conv2": dense(96, 32), "head": dense(32 * 30, 1),
        }, tcn_forward
    names = {"embedding": (8, 32), "qkv": (32, 96), "out": (32, 32), "wide": (32, 64), "narrow": (64, 32)}
    weights = {name: dense(*shape) for name, shape in names.items()}
    norms = {name: {"w": jnp.ones((1, 32)), "b": jnp.zeros(32)} for name in ("norm1", "norm2")}
    return {**weights, **norms, "head": dense(32 * 30, 1)}, transformer_forward


def jax_ms():
    start, forward = jax_network()
    tree = jax.tree_util.tree_map
    loss = lambda p, x, y: jnp.mean((forward(p, x) - y) ** 2)

    @jax.jit
    def epoch(state, xs, ys):
        def step(state, batch):
            p, m, v, t = state
            g = jax.grad(loss)(p, *batch)
            t = t + 1
            m = tree(lambda a, b: 0.9 * a + 0.1 * b, m, g)
            v = tree(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
            p = tree(
                lambda w, a, b: w - 1e-3 * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8), p, m, v
            )
            return (p, m, v, t), None

        return jax.lax.scan(step, state, (xs, ys))[0]

    zeros = tree(jnp.zeros_like, start)
    state = [(start, zeros, zeros, 0.0)]
    xs, ys = jnp.array(X), jnp.array(Y)

    def run():
        state[0] = jax.block_until_ready(epoch(state[0], xs, ys))

    return fastest(run)


print(json.dumps({"torch": torch_ms(), "jax": jax_ms()}))
