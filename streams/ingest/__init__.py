"""From bytes to facts: a chunk is decoded, validated, attributed and written, then its offsets are committed."""
