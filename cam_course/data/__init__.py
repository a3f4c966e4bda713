"""The pictures of the lessons: handwritten digits, photographs, and the cache in which downloaded files are kept."""
