"""What a team would write itself: a model as ONNX behind FastAPI and uvicorn, one process. Checks and stores nothing.

    python bench/serving-peer.py <model.onnx> <port>
"""

import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name


class Window(BaseModel):
    values: list[float]


app = FastAPI()


@app.post("/forecast")
async def forecast(window: Window) -> dict:
    values = np.asarray(window.values, dtype=np.float32).reshape(1, -1, 1)
    (answer,) = session.run(None, {name: values})
    return {"forecast": answer.ravel().tolist()}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
