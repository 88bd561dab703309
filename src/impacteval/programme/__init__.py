"""What a programme delivered and cost, beside what the evaluation estimates."""
