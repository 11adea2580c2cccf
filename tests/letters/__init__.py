"""Receipts and letters."""
