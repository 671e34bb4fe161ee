"""A network in 8 bits."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from pellucid.train.quantize import quantized


def network() -> bytes:
    """Three convolutions with a bend between them; kernels at the ends are computed."""
    rng = np.random.default_rng(3)
    weights, nodes, here = [], [], "x"
    for place, (before, after) in enumerate([(3, 8), (8, 8), (8, 3)]):
        kernel = 0.2 * rng.standard_normal((after, before, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{place}"))
        there = "y" if place == 2 else f"c{place}"
        name = f"w{place}"
        if place != 1:
            nodes.append(helper.make_node("Add", [name, name], [f"{name}-mixed"]))
            name = f"{name}-mixed"
        conv = helper.make_node("Conv", [here, name], [there], pads=[1, 1, 1, 1])
        conv.name = f"conv{place}"
        nodes.append(conv)
        if place < 2:
            here = f"r{place}"
            nodes.append(helper.make_node("Relu", [there], [here]))
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 16, 16])]
        for name in ("x", "y")
    ]
    graph = helper.make_graph(nodes, "net", ends[0], ends[1], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    return model.SerializeToString()


def test_stored_kernels_get_8_bits_and_computed_ones_do_not():
    rng = np.random.default_rng(1)
    feeds = [{"x": rng.random((1, 3, 16, 16), dtype=np.float32)} for _ in range(4)]
    wide = network()
    narrow = quantized(wide, feeds)
    kinds = [node.op_type for node in onnx.load_from_string(narrow).graph.node]
    assert kinds.count("QuantizeLinear") == 2  # before and behind one of three layers
    one, two = (
        onnxruntime.InferenceSession(model).run(None, feeds[0])[0]
        for model in (wide, narrow)
    )
    difference = np.abs(np.asarray(one) - np.asarray(two)).max()
    assert 0 < difference < 0.02 * np.abs(np.asarray(one)).max()
