"""Tests of the ingest room: files as offices really send them."""
