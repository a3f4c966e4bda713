"""Which layer follows which rule of layer-wise relevance propagation."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from .lrp_rules import Epsilon, Gamma, Rule, ZBox, ZPlus

# What a user may give: one rule for all layers, or a rule for layers by type or name.
RuleChoice = str | Rule | Mapping[str | type, Rule]


class Composite:
    """A rule for each layer: by its name, else by the first type in the given order that it is of, else `default`.

    Parameters
    ----------
    default : Rule
    chosen : mapping of str or type to Rule

    Examples
    --------
    >>> import keras
    >>> composite = Composite(Epsilon(), {keras.layers.Conv2D: Gamma(0.5), "last": ZPlus()})
    >>> composite.rule_of(keras.layers.Conv2D(3, 1)), composite.rule_of(keras.layers.Conv2D(3, 1, name="last"))
    (Gamma(gamma=0.5), ZPlus())
    >>> composite.rule_of(keras.layers.Dense(2))
    Epsilon(epsilon=1e-06)
    """

    def __init__(self, default: Rule, chosen: Mapping[str | type, Rule]) -> None:
        for layer, rule in chosen.items():
            if not isinstance(layer, (str, type)) or not isinstance(rule, Rule):
                raise TypeError(
                    f"rule maps {layer!r} to {rule!r}, but must map the type or name of a layer to a rule, such as "
                    "keras.layers.Dense to Epsilon()."
                )
        boxes = {id(rule): rule for rule in chosen.values() if isinstance(rule, ZBox)}
        if len(boxes) > 1:
            raise ValueError(f"rule has {len(boxes)} ZBox rules, but images have one range: give the same to all.")
        self.box = next(iter(boxes.values()), None)
        self.default = default
        self._names = {layer: rule for layer, rule in chosen.items() if isinstance(layer, str)}
        self._types = {layer: rule for layer, rule in chosen.items() if isinstance(layer, type)}

    def rule_of(self, operation: Any) -> Rule:
        """The rule of a layer or operation."""
        if operation.name in self._names:
            return self._names[operation.name]
        return next((rule for kind, rule in self._types.items() if isinstance(operation, kind)), self.default)

    def check_names(self, model: str, operations: Iterable[Any], with_rule: Iterable[Any]) -> None:
        """Refuse a name that no layer has, or one of a layer that follows no rule."""
        names = list(dict.fromkeys(operation.name for operation in operations))
        following = [operation.name for operation in with_rule]
        for name in self._names:
            if name not in names:
                nearest = ", ".join(map(repr, difflib.get_close_matches(name, names, n=3) or names[-3:]))
                raise ValueError(f"{model!r} has no layer {name!r} that rule could be for; the nearest are {nearest}.")
            if name not in following:
                raise ValueError(
                    f"rule has one for layer {name!r} of {model!r}, which follows none: it moves relevance, passes it "
                    f"on, or is one with the weights beside it; those that do are {', '.join(map(repr, following))}."
                )


def composite_of(rule: RuleChoice, epsilon: float, gamma: float) -> Composite:
    """The composite that a user's choice stands for."""
    named = {"epsilon": Epsilon(epsilon), "gamma": Gamma(gamma), "z+": ZPlus()}
    if isinstance(rule, Rule):
        if isinstance(rule, ZBox):
            raise ValueError("ZBox is for the layer that the images reach: give it as bounds, or to that layer alone.")
        return Composite(rule, {})
    if isinstance(rule, Mapping):
        return Composite(Epsilon(epsilon), rule)
    if not isinstance(rule, str) or rule not in named:
        raise ValueError(
            f"rule is {rule!r}, but must be one of {', '.join(map(repr, named))}, a rule, or a mapping of layers to "
            "rules."
        )
    return Composite(named[rule], {})
