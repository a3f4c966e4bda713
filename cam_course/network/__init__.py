"""Reading a Keras model: its last feature maps, its GAP, its dense weights and bias, its logits.

Three rooms: ``keras_records`` knows Keras' private records, ``layer_kinds`` says what each kind of layer does, and
``roles`` finds in a network the parts that the methods ask for.
"""

from .keras_records import Call, Value, known_image_shape, layers_inside
from .layer_kinds import Kind
from .roles import GapHead, Network, NoGapHeadError

__all__ = ["Call", "GapHead", "Kind", "Network", "NoGapHeadError", "Value", "known_image_shape", "layers_inside"]
