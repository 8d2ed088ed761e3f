"""Judge statements of the papers by intervals over repetitions: one rule for all studies."""
