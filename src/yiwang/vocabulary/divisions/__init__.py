"""Administrative divisions: codes of GB/T 2260 and the statistical 9 and 12 digits, their tree and their history."""
