"""Wide networks widen the groups and nothing else."""

from loft.models.build import build


def test_widening_leaves_the_stem_alone() -> None:
    wide = build("wideresnet18", 4, channels=3, size=32, classes=10, widening=3)
    assert wide.get_parameter("stem.conv.weight").shape == (4, 3, 3, 3)
    assert wide.get_parameter("layer1.0.conv1.weight").shape == (12, 4, 3, 3)
    assert wide.get_parameter("head.norm.weight").shape == (96,)


def test_batch_norm_follows_the_last_block_only_here() -> None:
    wide = build("wideresnet34", 4, channels=3, size=32, classes=10, widening=2)
    assert "head.norm.weight" in wide.state_dict()
    plain = build("preresnet34", 4, channels=3, size=32, classes=10)
    assert "head.norm.weight" not in plain.state_dict()
