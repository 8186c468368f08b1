"""Four simple generators of tables: trees, a Gaussian copula, a Gaussian mixture, a small VAE."""
