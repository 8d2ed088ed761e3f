"""A line of the table leads to a network, and its settings are what the network is built from."""

import inspect

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.core.settings.lookup import load
from loft.models import NETWORKS, ModelSettings

ANY: TypeAdapter[object] = TypeAdapter(ModelSettings)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_networks_settings_are_parameters_of_its_function(name: str) -> None:
    network = NETWORKS[name]
    own = dict.fromkeys({*load(network.settings).model_fields} - {"name", "width"}, 2)
    parameters = inspect.signature(load(network.make))
    assert parameters.bind(4, 3, 32, 10, {}, **own)
    with pytest.raises(TypeError):
        parameters.bind(4, 3, 32, 10, {}, **own, more=1)


def test_a_name_decides_the_settings() -> None:
    wide = ANY.validate_python({"name": "wideresnet18", "width": 4, "widening": 2})
    assert type(wide) is load(NETWORKS["wideresnet18"].settings)
    with pytest.raises(ValidationError, match="widening"):
        ANY.validate_python({"name": "resnet18", "width": 4, "widening": 2})


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"found 'resnet81'.*did you mean 'resnet18'"):
        ANY.validate_python({"name": "resnet81", "width": 4})
