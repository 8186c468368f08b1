"""What a check found as 512 numbers, and what other checks it resembles."""
