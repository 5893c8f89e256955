"""Ownership read from and written to other formats: CODEOWNERS, Backstage, CSV."""
