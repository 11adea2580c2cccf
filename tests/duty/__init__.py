"""Backup, retention, withdrawal."""
