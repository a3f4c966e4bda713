"""The networks of the lessons and their trained weights, a file for each lesson that brings one."""

from .cantilever import cantilever_network, save_cantilever, train_cantilever, trained_cantilever_network
from .cluttered import cluttered_network, save_cluttered, train_cluttered, trained_cluttered_network
from .mnist import (
    TRAININGS,
    mnist_network,
    save_mnist,
    shipped_weights,
    train_mnist,
    trained_mnist_network,
)
from .photos import PhotoNetwork, mobilenet_v2, photo_network, resnet50
from .seeds import train_seeds, trained_seeds
from .training import WEIGHTS
from .vit import attention_of, save_vit, train_vit, trained_vit, vit_network

__all__ = [
    "TRAININGS",
    "WEIGHTS",
    "PhotoNetwork",
    "attention_of",
    "cantilever_network",
    "cluttered_network",
    "mnist_network",
    "mobilenet_v2",
    "photo_network",
    "resnet50",
    "save_cantilever",
    "save_cluttered",
    "save_mnist",
    "save_vit",
    "shipped_weights",
    "train_cantilever",
    "train_cluttered",
    "train_mnist",
    "train_seeds",
    "train_vit",
    "trained_cantilever_network",
    "trained_cluttered_network",
    "trained_mnist_network",
    "trained_seeds",
    "trained_vit",
    "vit_network",
]
