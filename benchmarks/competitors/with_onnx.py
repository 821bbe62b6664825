"""ONNX Runtime: the shipped model as a graph of ramps between its knots."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from competitors._chain import small_line
from competitors._interface import Competitor
from competitors._probability import Line, Rows, line


def ramps(model: Line) -> tuple[np.ndarray, ...]:
    """For each piece of each curve its feature, where it begins, its width and its rise."""
    feature = np.repeat(np.arange(len(model.knots)), [len(k) - 1 for k in model.knots])
    begins = np.concatenate([knots[:-1] for knots in model.knots])
    widths = np.concatenate([np.diff(knots) for knots in model.knots])
    rises = np.concatenate([np.diff(values) for values in model.values])
    return feature, begins, widths, rises


def graph(model: Line) -> bytes:
    """The model as ONNX in double precision: ``features`` (n, F) in, ``probability`` (n, 1) out."""
    from onnx import TensorProto, checker, helper, numpy_helper

    feature, begins, widths, rises = ramps(model)
    first = np.array([values[0] for values in model.values])
    tensors = {
        "feature": feature.astype(np.int64),
        "begins": begins,
        "widths": widths,
        "rises": rises[:, None],
        "lowest": np.array([knots[0] for knots in model.knots]),
        "unknown_adds": (model.missing - first)[:, None],
        "start": np.array([model.intercept + first.sum()]),
        "zero": np.array(0.0),
        "one": np.array(1.0),
    }
    node = helper.make_node
    nodes = [
        node("IsNaN", ["features"], ["unknown"]),
        node("Where", ["unknown", "lowest", "features"], ["known"]),
        node("Gather", ["known", "feature"], ["at"], axis=1),
        node("Sub", ["at", "begins"], ["beyond"]),
        node("Div", ["beyond", "widths"], ["share"]),
        node("Clip", ["share", "zero", "one"], ["ramps"]),
        node("MatMul", ["ramps", "rises"], ["risen"]),
        node("Cast", ["unknown"], ["flags"], to=TensorProto.DOUBLE),
        node("MatMul", ["flags", "unknown_adds"], ["of_unknown"]),
        node("Sum", ["risen", "of_unknown", "start"], ["log_odds"]),
        node("Sigmoid", ["log_odds"], ["probability"]),
    ]
    made = helper.make_graph(
        nodes,
        "program",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["n", len(first)])],
        [helper.make_tensor_value_info("probability", TensorProto.DOUBLE, ["n", 1])],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    model_proto = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model_proto)
    return model_proto.SerializeToString()


def session(model: Line) -> Any:
    """The graph, optimised and ready to run in two threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph(model), options, providers=["CPUExecutionProvider"])


@cache
def shipped() -> Any:
    """The shipped model."""
    return session(line())


@cache
def small_session() -> Any:
    """The small model of seven features."""
    return session(small_line())


BLOCK = 8_192
"""Rows at a time: the ramps of all rows at once would not stay in the cache."""


def probabilities(model: Any, matrix: np.ndarray) -> np.ndarray:
    """Those of all rows, block by block."""
    found = np.empty(len(matrix))
    for start in range(0, len(matrix), BLOCK):
        rows = slice(start, start + BLOCK)
        found[rows] = model.run(None, {"features": matrix[rows]})[0][:, 0]
    return found


class Probability(Competitor):
    name = "ONNX Runtime"
    task = "probability"
    does = "the probability, of the same curves as a graph"
    tuned = "ramps and one product of matrices, float64, blocks of 8,192 rows; two threads"
    needs = ("onnx", "onnxruntime")

    def prepare(self, data: Rows) -> np.ndarray:
        shipped()
        return np.ascontiguousarray(data.matrix)

    def run(self, prepared: np.ndarray) -> np.ndarray:
        return probabilities(shipped(), prepared)


COMPETITORS = (Probability(),)
