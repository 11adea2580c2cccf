"""The warehouse: accepted rows enter, dbt builds, frozen tables and a read-only catalogue leave."""
