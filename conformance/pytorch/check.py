"""Repeats each training of a directory, NAME.json of train.mjs, in PyTorch with double precision, and compares losses.

The network is written with PyTorch's own functions and differentiated by it; losses are PyTorch's own where it has them.
Optimisers are Keras' formulas, which differ from PyTorch's in where epsilon stands. What is compared is the mean loss of
each epoch, while it is trained. Exit code 1 when one differs by more than 1e-6 relative, or when there is none.

usage: check.py DIRECTORY
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F

TOLERANCE = 1e-6
ACTIVATIONS = {"linear": lambda x: x, "relu": torch.relu, "tanh": torch.tanh, "gelu": F.gelu}

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def lstm(x, w, config):
    h = c = torch.zeros(len(x), config["units"])
    outputs = []
    for step in steps_of(x, config):
        i, f, u, o = (step @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"]).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs, 1) if config["return_sequences"] else h


def gru(x, w, config):
    h = torch.zeros(len(x), config["units"])
    outputs = []
    for step in steps_of(x, config):
        xz, xr, xn = (step @ w["kernel"] + w["bias"][0]).chunk(3, 1)
        hz, hr, hn = (h @ w["recurrent_kernel"] + w["bias"][1]).chunk(3, 1)
        z = torch.sigmoid(xz + hz)
        n = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
        h = z * h + (1 - z) * n
        outputs.append(h)
    return torch.stack(outputs, 1) if config["return_sequences"] else h


def steps_of(x, config):
    steps = list(x.unbind(1))
    return steps[::-1] if config["go_backwards"] else steps


def causal_convolution(x, w, config):
    dilation = config["dilation_rate"]
    padded = F.pad(x.transpose(1, 2), ((config["kernel_size"] - 1) * dilation, 0))
    y = F.conv1d(padded, w["kernel"].permute(2, 1, 0), w["bias"], dilation=dilation)
    return ACTIVATIONS[config["activation"]](y.transpose(1, 2))


def attention(x, w, config):
    def heads(part):
        return (torch.einsum("bti,ihd->bhtd", x, w[f"{part}_kernel"])) + w[f"{part}_bias"][None, :, None, :]

    mixed = F.scaled_dot_product_attention(heads("query"), heads("key"), heads("value"))
    return torch.einsum("bhtd,hdo->bto", mixed, w["output_kernel"]) + w["output_bias"]


def run_layer(kind, config, inputs, w):
    x = inputs[0]
    if kind == "Dense":
        return ACTIVATIONS[config["activation"]](x @ w["kernel"] + w["bias"])
    if kind == "LSTM":
        return lstm(x, w, config)
    if kind == "GRU":
        return gru(x, w, config)
    if kind == "Conv1D":
        return causal_convolution(x, w, config)
    if kind == "MultiHeadAttention":
        return attention(x, w, config)
    if kind == "LayerNormalization":
        return F.layer_norm(x, x.shape[-1:], w["gamma"], w["beta"], config["epsilon"])
    if kind == "Flatten":
        return x.flatten(1)
    if kind == "Add":
        return sum(inputs)
    raise ValueError(f"no {kind} here")


def predict(job, weights, x):
    values = {"x": x}
    for layer in job["layers"]:
        name = layer["name"]
        own = {path.split("/")[1]: weight for path, weight in weights.items() if path.split("/")[0] == name}
        values[name] = run_layer(layer["type"], layer["config"], [values[of] for of in layer["from"]], own)
    return values[job["layers"][-1]["name"]]


def element_losses(loss, output, y):
    """[rows, targets]; what a target has several outputs of lies side by side."""
    name = loss["name"]
    if name == "mse":
        return F.mse_loss(output, y, reduction="none")
    if name == "mae":
        return F.l1_loss(output, y, reduction="none")
    if name == "huber":
        return F.huber_loss(output, y, reduction="none", delta=loss["delta"])
    if name == "binary-cross-entropy":
        return F.binary_cross_entropy_with_logits(output, y, reduction="none")
    spread = output.reshape(*y.shape, -1)
    if name == "categorical-cross-entropy":
        return F.cross_entropy(spread.flatten(0, 1), y.flatten().long(), reduction="none").reshape(y.shape)
    if name == "quantile":
        levels = torch.tensor(loss["levels"])
        error = y[..., None] - spread
        return torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    scale = F.softplus(spread[..., 1]) + 1e-6
    if name == "gaussian":
        return -torch.distributions.Normal(spread[..., 0], scale).log_prob(y)
    if name == "student-t":
        freedom = F.softplus(spread[..., 2]) + 2
        return -torch.distributions.StudentT(freedom, spread[..., 0], scale).log_prob(y)
    raise ValueError(f"no loss {name} here")


class Optimiser:
    """As Keras computes a step."""

    def __init__(self, how, weights):
        self.how = how
        self.slots = {path: [torch.zeros_like(weight), torch.zeros_like(weight)] for path, weight in weights.items()}
        self.count = 0

    @torch.no_grad()
    def step(self, weights, rate):
        self.count += 1
        for path, weight in weights.items():
            self.change(weight, weight.grad, self.slots[path], rate)

    def change(self, w, g, slots, rate):
        how = self.how
        first, second = slots
        if how["name"] == "sgd":
            first.mul_(how["momentum"]).sub_(rate * g)
            w.add_(first)
        elif how["name"] == "rmsprop":
            second.mul_(how["rho"]).add_((1 - how["rho"]) * g * g)
            w.sub_(rate * g / torch.sqrt(second + how["epsilon"]))
        else:
            b1, b2 = how["beta1"], how["beta2"]
            w.mul_(1 - rate * how["decay"])
            first.mul_(b1).add_((1 - b1) * g)
            second.mul_(b2).add_((1 - b2) * g * g)
            alpha = rate * (1 - b2**self.count) ** 0.5 / (1 - b1**self.count)
            w.sub_(alpha * first / (torch.sqrt(second) + how["epsilon"]))


def train(job):
    """Losses of each step, by epoch."""
    weights = {
        path: torch.tensor(weight["data"], dtype=torch.float64).reshape(weight["shape"]).requires_grad_()
        for path, weight in job["weights"].items()
    }
    x = torch.tensor(job["x"], dtype=torch.float64).reshape(-1, *job["shape"])
    y = torch.tensor(job["y"], dtype=torch.float64).reshape(-1, job["targets"])
    row_weights = torch.tensor(job["rowWeights"], dtype=torch.float64)
    optimiser = Optimiser(job["optimiser"], weights)
    epochs = []
    for order in job["orders"]:
        losses = []
        for batch in torch.tensor(order).split(job["batchSize"]):
            for weight in weights.values():
                weight.grad = None
            each = element_losses(job["loss"], predict(job, weights, x[batch]), y[batch]).mean(1)
            loss = (each * row_weights[batch]).mean()
            loss.backward()
            if job["clipNorm"] is not None:
                norm = torch.sqrt(sum((weight.grad**2).sum() for weight in weights.values()))
                for weight in weights.values():
                    weight.grad *= job["clipNorm"] / torch.clamp(norm, min=job["clipNorm"])
            optimiser.step(weights, job["learningRate"])
            losses.append(loss.item())
        epochs.append(losses)
    return epochs


def mean(values):
    return sum(values) / len(values)


def main(directory):
    passed = failed = 0
    print(f"PyTorch {torch.__version__}, {torch.get_default_dtype()}")
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        job = json.loads(path.read_text())
        expected = [mean(losses) for losses in train(job)]
        found = [mean(losses) for losses in job["losses"]]
        differences = [abs(one - other) / abs(other) for one, other in zip(found, expected, strict=True)]
        good = max(differences) <= TOLERANCE
        told = ", ".join(f"{difference:.1e}" for difference in differences)
        falls = f"{expected[0]:.6f} to {expected[-1]:.6f}"
        print(f"{'ok  ' if good else 'FAIL'} {path.stem}: loss {falls}, relative difference by epoch {told}")
        passed += good
        failed += not good
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
