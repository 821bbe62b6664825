"""Published aggregates: how near a cohort comes, and how the generator is fitted to them."""
