"""From a file in a channel to text rows with an address: forms, landing, reading, routing."""
