"""What a run would do, need and cost, and what to choose within a budget; nothing is started."""
