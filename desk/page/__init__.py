"""The senders' page: check a file before sending it, send it, take the receipt."""
