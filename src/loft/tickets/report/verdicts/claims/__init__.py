"""The paper's claims beside Table 1, and how each is judged."""
