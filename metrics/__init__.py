"""The pure domain: the same facts and the same registry give the same figures."""
