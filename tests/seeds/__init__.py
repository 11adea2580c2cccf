"""Tests of the seeds: the order's own text goes in, agreement with every seed comes out."""
