"""Pages of file exchange: an officer delivers files, receivers fetch them, both see the receipts.

The portal is a client of the gateway here too: it signs with the agency's console key, so that a person's upload and
download leave the same evidence as a program's.
"""
