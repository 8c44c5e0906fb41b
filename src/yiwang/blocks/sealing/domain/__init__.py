"""What is decided about generations, without a database."""
