"""Reading a Keras model: its last feature maps, its GAP, its dense weights and bias, its logits.

Its rooms: ``keras_records`` knows Keras' private records, ``layer_kinds`` says what each kind of layer does, and
``roles`` finds in a network the parts that the methods ask for. ``receptive_field`` says where in the image a cell of a
map lies.
"""

from .keras_records import Call, Value, known_image_shape, layers_inside
from .layer_kinds import Kind
from .receptive_field import ReceptiveField, drawn_centre, receptive_field
from .roles import GapHead, Network, NoGapHeadError

__all__ = [
    "Call",
    "GapHead",
    "Kind",
    "Network",
    "NoGapHeadError",
    "ReceptiveField",
    "Value",
    "drawn_centre",
    "known_image_shape",
    "layers_inside",
    "receptive_field",
]
