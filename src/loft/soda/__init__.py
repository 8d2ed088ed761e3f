"""SODA: sparse asynchronous distributed learning, with DAve-PG as its baseline."""
