"""Names of layers in requests."""

from core.problem import Problem
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.parameters import Parameters


def layers_of(parameters: Parameters, name: str, dataset: str | None, limits: MapLimits) -> tuple[str, ...]:
    """Read a list of layers, each as `dataset/variable`; `dataset` is the one in the path.

    Raises:
        Problem: `missing_parameter`, `too_large`.

    """
    names = parameters.required(name).split(",")
    if len(names) > limits.max_layers:
        message = f"{name} names {len(names)} layers, more than the {limits.max_layers} allowed here"
        raise Problem("too_large", message, parameter=name)
    prefix = dataset or parameters.text("DATASET")
    return tuple(full_name(layer.strip(), prefix) for layer in names)


def full_name(layer: str, dataset: str | None) -> str:
    """Return a layer as `dataset/variable`: with the dataset of the path or of DATASET, where it is left out."""
    return layer if dataset is None or layer.startswith(f"{dataset}/") else f"{dataset}/{layer}"
