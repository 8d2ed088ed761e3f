"""Test the settings of models, and where their code is."""

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.core.settings.lookup import load
from loft.diversity.models import ConvnetSettings, LogisticSettings, ModelSettings, addresses
from loft.models import NETWORKS

ANY: TypeAdapter[object] = TypeAdapter(ModelSettings)


def test_a_models_name_decides_its_settings() -> None:
    assert ANY.validate_python({"name": "convnet", "width": 2}) == ConvnetSettings(
        name="convnet", width=2
    )
    logistic = ANY.validate_python({"name": "logistic", "pair": [3, 8]})
    assert logistic == LogisticSettings(name="logistic", pair=[3, 8])
    with pytest.raises(ValidationError):
        ANY.validate_python({"name": "logistic", "pair": [3]})


def test_residual_networks_have_their_code_elsewhere() -> None:
    assert addresses("logistic") == []
    for name in NETWORKS:
        (address,) = addresses(name)
        assert callable(load(address))
