"""What any long-running process needs: retries, a deadline for its end, memory, failpoints."""
