"""Lines that jobs write, what reads them, figures and the MLflow diary."""
