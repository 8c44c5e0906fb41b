"""File exchange as a gateway serves it: uploads by tus, ranged downloads, quarantine, receipts. No Django."""
