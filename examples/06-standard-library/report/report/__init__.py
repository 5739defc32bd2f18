"""Reports how often each word occurs in a text."""

from collections import Counter


def report(text: str) -> list[tuple[str, int]]:
    """Return the words of a text with their counts, the most frequent first, equal ones in alphabetical order."""
    words = Counter(text.lower().split())
    return sorted(words.items(), key=lambda item: (-item[1], item[0]))
