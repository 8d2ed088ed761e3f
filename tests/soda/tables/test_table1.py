"""Test Table 1 of lines written by hand."""

from loft.soda.steps.tables import render
from tests.soda.made_up import JOBS, SHOWN, optimum


def test_table_1_has_the_papers_column_and_names_what_was_not_run() -> None:
    head = (
        "problem,dataset,samples,features,lambda_1,lambda_2,normalisation,support,support_percent"
    )
    text = render(SHOWN, JOBS)["table1.csv"]
    assert text.splitlines() == [
        f"{head},paper_support_percent",
        "madelon,madelon,2000,500,0.02,0.001,standardise,35,7,7",
        "news20,news20 (stand-in for rcv1_train),10,40,0.02,0.001,standardise,4,10,",
        ",real-sim,72309,20958,0.0001,0.001,not run,not run,not run,8.6",
        ",rcv1_train,20242,47236,0.0001,0.001,not run,not run,not run,4.1",
    ]


def test_the_papers_value_stands_beside_its_own_lambdas_alone() -> None:
    job = optimum("madelon", "madelon")
    job[0]["lambda_1"] = 0.01
    ours = render(SHOWN, [job, *JOBS[1:]])["table1.csv"].splitlines()[1]
    assert ours == "madelon,madelon,2000,500,0.01,0.001,standardise,35,7,"
