"""Fine-tune tickets and measure their accuracy."""
