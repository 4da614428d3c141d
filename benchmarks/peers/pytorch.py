"""S1 to S5 in PyTorch on one thread, kept alive: a request on each line of the input, an answer on each line of the output.

{"create": task} gives {"ready": true}; {"steps": n} does n steps and gives their {"losses"}; {"run": ms} does steps until that many
milliseconds have passed, at least one, and gives the {"times"} of each. Each model is written in the way that was the faster one here:
loops over time, or nn.LSTM and nn.GRU. X Wx is one product before a loop; rows of Wx are looked up where the input is tokens.
"""

import base64
import json
import os
import sys
import time

# OpenBLAS reads this when it is loaded; torch.set_num_threads does not reach it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


def read_array(entry):
    data = bytearray(base64.b64decode(entry["data"]))
    return torch.frombuffer(data, dtype=torch.float32).reshape(entry["shape"]).clone()


def parameter(value):
    return value.clone().requires_grad_(True)


class Model:
    """The parameters as they begin, and the loss of one step."""

    def __init__(self, task):
        self.start = {name: read_array(entry) for name, entry in task["parameters"].items()}
        self.values = {name: read_array(entry) for name, entry in task["values"].items()}
        self.sizes = task["sizes"]
        self.trained = []
        self.prepare()

    def own(self, name):
        made = parameter(self.start[name])
        self.trained.append(made)
        return made

    def prepare(self):
        raise NotImplementedError

    def loss(self):
        raise NotImplementedError


class Notebook(Model):
    def prepare(self):
        self.Wx, self.Wh = self.own("Wx"), self.own("Wh")
        self.Wo, self.bo = self.own("Wo"), self.own("bo")

    def loss(self):
        h = torch.zeros(self.sizes["B"], self.sizes["H"])
        states = []
        for row in torch.matmul(self.values["x"], self.Wx).unbind(0):
            h = torch.tanh(torch.addmm(row, h, self.Wh))
            states.append(h)
        q = torch.softmax(torch.matmul(torch.stack(states), self.Wo) + self.bo, -1)
        return F.binary_cross_entropy(q, self.values["y"])


class Adding(Model):
    def prepare(self):
        self.Wx, self.Wh, self.bh = self.own("Wx"), self.own("Wh"), self.own("bh")
        self.Wo, self.bo = self.own("Wo"), self.own("bo")
        self.masks = (self.values["mask"] > 0.5).unbind(0)

    def loss(self):
        h = torch.zeros(self.sizes["B"], self.sizes["H"])
        rows = (torch.matmul(self.values["x"], self.Wx) + self.bh).unbind(0)
        for row, mask in zip(rows, self.masks):
            h = torch.where(mask, torch.tanh(torch.addmm(row, h, self.Wh)), h)
        return F.mse_loss(torch.addmm(self.bo, h, self.Wo), self.values["y"])


class LanguageModel(Model):
    """A loop whose inputs are rows of Wx."""

    def prepare(self):
        self.Wx, self.Wh, self.b = self.own("Wx"), self.own("Wh"), self.own("b")
        self.Wo, self.bo = self.own("Wo"), self.own("bo")
        self.tokens = self.values["x"].argmax(-1)
        self.target = self.values["y"].argmax(-1).flatten()

    def loss(self):
        h = torch.zeros(self.sizes["B"], self.sizes["H"])
        c = h
        states = []
        for row in (F.embedding(self.tokens, self.Wx) + self.b).unbind(0):
            i, f, g, o = torch.addmm(row, h, self.Wh).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return F.cross_entropy(self.logits(torch.stack(states)), self.target)

    def logits(self, states):
        return torch.addmm(self.bo, states.flatten(0, 1), self.Wo)


class LayerModel(LanguageModel):
    """The same with a layer of torch.nn."""

    def prepare(self):
        self.layer = self.make_layer()
        weights = {"weight_ih_l0": "Wx", "weight_hh_l0": "Wh", **self.biases}
        with torch.no_grad():
            for name, value in self.layer.named_parameters():
                value.requires_grad_(name in weights)
                if name not in weights:
                    value.zero_()
                elif name.startswith("weight"):
                    value.copy_(self.start[weights[name]].t())
                else:
                    value.copy_(self.start[weights[name]])
        self.trained += [value for value in self.layer.parameters() if value.requires_grad]
        self.Wo, self.bo = self.own("Wo"), self.own("bo")
        target = self.values["y"]
        self.target = target.argmax(-1).flatten()

    def loss(self):
        states, _ = self.layer(self.values["x"])
        return F.cross_entropy(self.logits(states), self.target)


class LstmLayer(LayerModel):
    # One bias: the second stays zero.
    biases = {"bias_ih_l0": "b"}

    def make_layer(self):
        return nn.LSTM(self.sizes["I"], self.sizes["H"])


class GruLayer(LayerModel):
    biases = {"bias_ih_l0": "bx", "bias_hh_l0": "bh"}

    def make_layer(self):
        return nn.GRU(self.sizes["I"], self.sizes["H"])


models = {"S1": Notebook, "S2": Adding, "S3": LstmLayer, "S4": LanguageModel, "S5": GruLayer}


def step_of(task):
    model = models[task["name"]](task)
    rate = task["rate"]

    def step():
        loss = model.loss()
        loss.backward()
        with torch.no_grad():
            for value in model.trained:
                value.sub_(value.grad, alpha=rate)
                value.grad = None
        return loss.item()

    return step


def run(step, milliseconds):
    times = []
    start = last = time.perf_counter()
    while not times or (last - start) * 1000 < milliseconds:
        step()
        now = time.perf_counter()
        times.append((now - last) * 1000)
        last = now
    return times


def main():
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if "create" in request:
            step = step_of(request["create"])
            answer = {"ready": True, "version": torch.__version__}
        elif "steps" in request:
            answer = {"losses": [step() for _ in range(request["steps"])]}
        else:
            answer = {"times": run(step, request["run"])}
        print(json.dumps(answer), flush=True)


main()
