"""The API of what is published: editions and their files, open to all when they are public."""
