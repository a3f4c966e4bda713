"""What helps to learn: identities that a notebook checks, and live figures."""
