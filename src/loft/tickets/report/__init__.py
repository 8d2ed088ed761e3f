"""Tables, verdicts, claims and figures, made from the lines of jobs."""
