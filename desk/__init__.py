"""The senders' desk: blanks, checks before sending, marked workbooks, receipts, letters."""
