"""Proofs: the transparency log, signatures, the journal, receipts."""
