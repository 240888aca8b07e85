"""What people exchange over items: comments, and the pages of the access ledger."""
