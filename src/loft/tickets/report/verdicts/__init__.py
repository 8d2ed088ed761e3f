"""Verdicts on Table 1 and on the paper's claims; the rule is `core.reporting.verdicts.judging`."""
