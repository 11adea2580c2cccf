"""Letters to senders and their superiors: planned from data, held back by rules, sent once."""
