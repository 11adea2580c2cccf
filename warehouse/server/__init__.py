"""The warehouse on a PostgreSQL server, for BI tools: published whole, switched at once."""
