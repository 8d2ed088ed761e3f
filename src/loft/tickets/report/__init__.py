"""Tables, verdicts, claims and figures, made from what jobs measured."""
