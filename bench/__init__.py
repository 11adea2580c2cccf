"""Benchmark: the pipeline's stages beside the two scripts that somebody would write by hand."""
