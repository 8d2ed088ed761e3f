"""The network: which convolutions belong together, and the norms of filters and channels."""
