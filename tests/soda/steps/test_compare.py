"""Test the step `loft soda-compare` on lines written by hand."""

import json
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.soda.steps import compare
from tests.soda.made_up import JOBS, SHOWN, rows

LOFTS = """model,dataset,method,workers,pretrain_accuracy,comm_gigabytes
net,images,dense,1,90,0
net,images,local_sgd,2,80,0.002
net,images,loft,2,75,0.0015
"""


def test_both_studies_bytes_stand_in_one_table(tmp_path: Path) -> None:
    paths = []
    for number, job in enumerate(JOBS):
        paths.append(tmp_path / f"{number}.jsonl")
        paths[-1].write_text("".join(f"{line}\n" for line in map(json.dumps, job)))
    (tmp_path / "table1.csv").write_text(LOFTS)
    compare.run(SHOWN, paths, tmp_path / "table1.csv", tmp_path)
    dave_pg, soda, sgd, loft = rows((tmp_path / "comparison.csv").read_text())
    assert (dave_pg["bytes"], dave_pg["bytes_to_baseline"]) == ("12000", "1")
    assert (soda["bytes"], soda["of_which_indices"], soda["accuracy"]) == ("1200", "360", "80")
    assert (soda["bytes_to_baseline"], soda["bytes_per_point"]) == ("0.1", "15")
    assert (sgd["bytes_to_baseline"], sgd["masked"]) == ("1", "nothing")
    assert (loft["bytes_to_baseline"], loft["bytes_per_point"]) == ("0.75", "20000")
    assert "index" in (tmp_path / "comparison.md").read_text()
    compare.run(SHOWN, paths, None, tmp_path)
    assert rows((tmp_path / "comparison.csv").read_text())[-1]["bytes"] == "not run"
    with pytest.raises(UserError, match=r"soda\.tickets_table: .*nowhere\.csv: no such file"):
        compare.run(SHOWN, paths, tmp_path / "nowhere.csv", tmp_path)
