"""Write and read the lines of jobs; draw figures; fill the MLflow diary."""
