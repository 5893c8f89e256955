"""What operators mount; a package, so that an installed cxb finds its tables and its sample registry."""
