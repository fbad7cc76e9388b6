"""The API of the plan and the people: who asks, organisations, directions, schemes, pillars, objectives, actions."""
