"""The paper's claims beside Table 1, each with how it is judged."""
