"""HTTP/1.1 in the event loop's own thread: requests parsed by llhttp, and bounds on what strangers can hold."""
