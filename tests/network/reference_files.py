"""Shared by the exporting scripts of this folder. A script runs once, and again if it or PyTorch has changed."""
import hashlib
import pathlib
import sys

import numpy
import onnx
import onnx.helper
import onnx.numpy_helper
import torch
import torchvision

# Gradients are compared at this many pictures, because rounding differs between processors. Now and then it opens or
# closes a ReLU, and then one picture's gradient is another.
PICTURES = 3


def save(path, tensors, doc=""):
    """Writes a graph that contains only initialisers, in float32."""
    initializers = [onnx.numpy_helper.from_array(numpy.ascontiguousarray(tensor.float().numpy()), name)
                    for name, tensor in tensors.items()]
    graph = onnx.helper.make_graph([], "reference", [], [], initializers, doc_string=doc)
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())


def export_all(script, stamp, names, export):
    """Calls export(name, folder) for every name. Does nothing if the folder's stamp says that the script has run."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {pathlib.Path(script).name} FOLDER")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    sources = b"".join(pathlib.Path(file).read_bytes() for file in (script, __file__))
    version = f"{hashlib.sha256(sources).hexdigest()} {torch.__version__} {torchvision.__version__}"
    stamp = folder / stamp
    if stamp.exists() and stamp.read_text() == version:
        return
    stamp.unlink(missing_ok=True)
    for name in names:
        print(name, flush=True)
        export(name, folder)
    stamp.write_text(version)
