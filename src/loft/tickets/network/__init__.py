"""The network: its partitioned and pruned blocks, and the norms of its filters and channels."""
