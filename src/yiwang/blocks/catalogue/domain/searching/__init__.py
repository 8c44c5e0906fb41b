"""What a search means: words of a text, their pinyin and synonyms, and the parts of what a person types."""
